//! Parameter uncertainty (second order): distributions of parameters and correlations between them.

mod factor;
mod margin;

pub use factor::factor;
pub use margin::{Family, Margin};

/// Parameter uncertainty (second order) of a scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Uncertainty {
    /// Per parameter: its marginal distribution. A parameter with `None` keeps its base value, unless it is a
    /// member of `joint`.
    pub margins: Vec<Option<Margin>>,
    /// Groups of parameters that are drawn together; each parameter belongs to at most one group.
    pub joint: Vec<Joint>,
}

/// A group of parameters that are drawn together. `members` are sorted by parameter name, so that the draws do not
/// depend on the order of the parameters in the scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// Name shown in reports.
    pub name: String,
    /// Indices of the parameters, in the order of their names.
    pub members: Vec<usize>,
    /// Method by which the parameters are drawn together.
    pub how: Together,
}

/// Method by which a group of parameters is drawn together.
#[derive(Clone, Debug, PartialEq)]
pub enum Together {
    /// Gaussian copula: correlated normal scores, with the lower triangular factor of their correlation matrix
    /// stored here, and a marginal distribution for each parameter (R. B. Nelsen, An Introduction to Copulas,
    /// 2006, 2.3). With normal margins, the joint distribution is multivariate normal.
    Copula(Vec<Vec<f64>>),
    /// Dirichlet distribution of the shares of a whole, estimated from counts; `rest` is the count outside all
    /// members.
    Shares {
        /// Counts of the members.
        counts: Vec<f64>,
        /// Count of the remaining share; 0 if the members make up the whole.
        rest: f64,
    },
    /// Rows of a file, for example a posterior sample. Draw k uses row k; after the last row, the rows start again
    /// from the first.
    Given(Vec<Vec<f64>>),
}

impl Uncertainty {
    /// Whether a parameter varies from draw to draw.
    pub fn varies(&self, parameter: usize) -> bool {
        self.margins.get(parameter).is_some_and(Option::is_some) || self.joint_of(parameter).is_some()
    }

    /// Indices of all parameters that vary, ascending.
    pub fn varying(&self) -> Vec<usize> {
        (0..self.margins.len()).filter(|&p| self.varies(p)).collect()
    }

    /// The group in which `parameter` is drawn; `None` if the parameter is not drawn together with others.
    pub fn joint_of(&self, parameter: usize) -> Option<&Joint> {
        self.joint.iter().find(|joint| joint.members.contains(&parameter))
    }
}

/// Sampling method for the draws of parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sampling {
    /// Independent random draws.
    #[default]
    Random,
    /// Latin hypercube sampling: for n draws, each parameter has one draw in each of n intervals of equal
    /// probability.
    LatinHypercube,
    /// Sobol sequence with Owen scrambling.
    Sobol,
}

impl Sampling {
    /// All sampling methods with their names in scenarios.
    pub const NAMES: [(Sampling, &'static str); 3] = [
        (Sampling::Random, "random"),
        (Sampling::LatinHypercube, "latin hypercube"),
        (Sampling::Sobol, "sobol"),
    ];

    /// Name of the sampling method in running text.
    pub fn words(self) -> &'static str {
        match self {
            Sampling::Random => "random",
            Sampling::LatinHypercube => "Latin hypercube",
            Sampling::Sobol => "Sobol",
        }
    }

    /// Name of the sampling method in scenarios.
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(sampling, _)| *sampling == self);
        named.map_or("", |(_, name)| name)
    }
}

/// Largest number of draws in one analysis, because the values and totals of all draws are in memory at once.
pub const MOST_DRAWS: u64 = 1_000_000;
