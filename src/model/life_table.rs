//! Life tables: mortality by single year (or band) of age, looked up by lower bound.

/// Mortality rates per year by age, one column per combination of categorical attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeTable {
    /// Name.
    pub name: String,
    /// Categorical attributes that choose the column (mixed radix, first varies slowest).
    pub by: Vec<usize>,
    /// Lower bounds of the age bands, ascending, in years.
    pub ages: Vec<f64>,
    /// `rates[column][band]` per year; the last band's rate holds beyond the table.
    pub rates: Vec<Vec<f64>>,
}
