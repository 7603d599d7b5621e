//! Compiles `[uncertainty]`: distributions of parameters, their correlations and the settings of the probabilistic analysis.

use std::collections::BTreeMap;

use super::did_you_mean;
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::parameters::{Kind, ParameterRow, Spread, shown};
use crate::read::csv::read_table;
use crate::read::document::{Files, TomlNode, TomlTable};
use crate::read::excel_numbers;
use crate::read::source::{FileId, Sources, Span};
use crate::schema::{Key, keys};
use arcosim_core::math::{exp, ln, sqrt};
use arcosim_core::model::uncertainty::{
    Family, Joint, MOST_DRAWS, Margin, Sampling, Together, Uncertainty, factor,
};
use arcosim_core::model::{Expr, Model, Share};
use arcosim_core::words::{all_of, listed, rounded};

/// Defaults of the probabilistic sensitivity analysis of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct PsaDefaults {
    /// Number of parameter draws.
    pub draws: u64,
    /// Sampling method of the draws.
    pub sampling: Sampling,
    /// Number of quadrature nodes for each continuous attribute.
    pub nodes: usize,
    /// Number of simulated patients per draw, if the microsimulation is used.
    pub patients: u64,
    /// Whether a draw with probabilities out of a state above 1 in total is drawn again; otherwise the run stops.
    pub redraw: bool,
}

const DRAWS: u64 = 1000;
const PATIENTS: u64 = 1000;
/// Default number of quadrature nodes. Eight nodes are enough for a normally distributed age, because their error is small
/// relative to parameter uncertainty; each run reports this error.
const NODES: u64 = 8;
const MOST_NODES: u64 = 200;

/// Reads the file with given draws, if the scenario has one.
pub fn read_file(
    root: &TomlTable,
    files: &Files,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Option<FileId> {
    let node =
        root.table(keys::scenario::UNCERTAINTY)?.table(keys::uncertainty::GIVEN)?.get(keys::given::FILE)?;
    files.read_named(node, sources, out)
}

/// Settings of the probabilistic analysis, with defaults for missing keys.
pub fn defaults(root: &TomlTable, out: &mut Diagnostics) -> PsaDefaults {
    let empty = TomlTable::default();
    let table = root.table(keys::scenario::UNCERTAINTY).unwrap_or(&empty);
    let mut count = |key: Key, default: u64, most: u64| match (table.count(key), table.get(key)) {
        (Some(n), Some(node)) if n == 0 || n > most => {
            out.push(
                Diagnostic::error("E0424", format!("`{}` cannot be {n}", key.name))
                    .at(node.span, format!("write a number between 1 and {most}")),
            );
            default
        }
        (Some(n), _) => n,
        _ => default,
    };
    PsaDefaults {
        draws: count(keys::uncertainty::DRAWS, DRAWS, MOST_DRAWS),
        nodes: count(keys::uncertainty::NODES, NODES, MOST_NODES) as usize,
        patients: count(keys::uncertainty::PATIENTS, PATIENTS, arcosim_core::model::MOST_PATIENTS),
        sampling: table
            .text(keys::uncertainty::SAMPLING)
            .and_then(|name| Sampling::NAMES.iter().find(|(_, known)| *known == name))
            .map_or(Sampling::default(), |(sampling, _)| *sampling),
        redraw: table.text(keys::uncertainty::ABOVE_ONE) == Some("redraw"),
    }
}

/// Distributions of all parameters around their final base values, including joint distributions.
pub fn uncertainty(
    root: &TomlTable,
    rows: &[ParameterRow],
    model: &Model,
    file: Option<FileId>,
    sources: &Sources,
    out: &mut Diagnostics,
) -> Uncertainty {
    let mut all = Uncertainty { margins: rows.iter().map(margin).collect(), joint: Vec::new() };
    let builder = &mut Builder { rows, out };
    if let Some(table) = root.table(keys::scenario::UNCERTAINTY) {
        if let (Some(file), Some(node)) = (file, table.get(keys::uncertainty::GIVEN)) {
            builder.given(file, node.key_span, sources, &mut all);
        }
        for (name, node) in table.sections(keys::uncertainty::CORRELATED) {
            if let Some(group) = node.table() {
                builder.correlated(name, node, group, &mut all);
            }
        }
    }
    builder.shares(&mut all);
    builder.shares_apart(model, &all);
    all
}

/// Distribution of one parameter. If the base value was changed by `[set]` or `--set`, the distribution is moved with it.
fn margin(row: &ParameterRow) -> Option<Margin> {
    let Spread::Own(margin) = &row.spread else {
        return None;
    };
    if row.base == row.table_base {
        return Some(*margin);
    }
    let family = margin.family.moved(row.table_base, row.base)?;
    Some(Margin { family, ..*margin })
}

struct Builder<'a> {
    rows: &'a [ParameterRow],
    out: &'a mut Diagnostics,
}

impl Builder<'_> {
    fn index(&mut self, name: &str, place: Span) -> Option<usize> {
        let found = self.rows.iter().position(|row| row.name == name);
        if found.is_none() {
            let names = self.rows.iter().map(|row| row.name.as_str());
            let help = did_you_mean(name, names, "use a name from the parameter table");
            self.out.push(
                Diagnostic::error("E0302", format!("there is no parameter `{name}`"))
                    .echo_of(Part::Parameters)
                    .echo_of(Part::Attributes)
                    .at(place, "not in any parameter table")
                    .help(help),
            );
        }
        found
    }

    /// Whether a parameter is not yet part of a joint distribution; if it is, an error is reported.
    fn is_free(&mut self, parameter: usize, place: Span, all: &Uncertainty) -> bool {
        let Some(other) = all.joint_of(parameter) else {
            return true;
        };
        let name = &self.rows[parameter].name;
        let (both, also, help) = match other.how {
            Together::Given(_) => (
                "a correlated group and in the file of draws",
                "the file of draws",
                format!(
                    "remove `{name}` from this group to keep its draws from the file; otherwise remove its column from the file"
                ),
            ),
            _ => (
                "two correlated groups",
                "correlated group",
                format!(
                    "keep `{name}` in one of the two groups only; to correlate all parameters of both, combine the two groups into one"
                ),
            ),
        };
        self.out.push(
            Diagnostic::error("E0441", format!("parameter `{name}` is in {both}"))
                .at(place, format!("also in {also} `{}`", other.name))
                .why("each draw needs one value of the parameter, but each of the two would draw its own")
                .help(help),
        );
        false
    }

    /// Reads a group of correlated parameters, which are drawn with correlated normal scores (a Gaussian copula).
    fn correlated(&mut self, name: &str, node: &TomlNode, table: &TomlTable, all: &mut Uncertainty) {
        let before = self.out.counts().0;
        let mut listed: Vec<usize> = Vec::new();
        let pairs = table.get(keys::correlated::PAIRS).map(TomlNode::items).unwrap_or_default();
        let in_pairs = pairs.iter().filter_map(TomlNode::table).flat_map(|pair| pair.names(keys::pair::OF));
        let stated = table.names(keys::correlated::PARAMETERS);
        let named: Vec<(&str, &TomlNode)> = match stated.is_empty() {
            true => in_pairs.collect(),
            false => stated.clone(),
        };
        if named.is_empty() {
            self.out.push(
                Diagnostic::error("E0402", format!("the correlated group `{name}` has no `parameters`"))
                    .echo_of(Part::Files)
                    .at(node.key_span, "the parameters of this group are missing")
                    .help("add them: parameters = [\"a\", \"b\"]"),
            );
            return;
        }
        for (parameter, place) in named {
            let Some(p) = self.index(parameter, place.span) else {
                continue;
            };
            if listed.contains(&p) {
                if stated.is_empty() {
                    continue;
                }
                self.out.push(
                    Diagnostic::error("E0441", format!("correlated group `{name}` lists parameter `{parameter}` twice"))
                        .at(place.span, "listed again here")
                        .why("a correlation is between two different parameters")
                        .help(format!("if another parameter is meant, write its name here; otherwise remove the second \"{parameter}\"")),
                );
            } else if self.is_free(p, place.span, all) {
                listed.push(p);
            }
            let certain = all.margins[p].is_none() && table.get(keys::correlated::COVARIANCE).is_none();
            if certain && !matches!(self.rows[p].spread, Spread::Own(_)) {
                let (title, label, help) = match self.rows[p].spread {
                    Spread::Share { .. } => (
                        format!(
                            "parameter `{parameter}` has a Dirichlet distribution and cannot be in a correlated group"
                        ),
                        "its Dirichlet distribution already correlates it with the other shares",
                        format!("remove `{parameter}` from the `parameters` of this group"),
                    ),
                    _ => (
                        format!("parameter `{parameter}` is fixed and cannot be correlated"),
                        match self.rows[p].distribution.trim().is_empty() {
                            true => "its row has no distribution, so it has the same value in every draw",
                            false => "its distribution is `fixed`, so it has the same value in every draw",
                        },
                        format!(
                            "write a distribution, such as `normal`, and a measure of uncertainty, such as `se`, into the row of `{parameter}`; or, if it should not vary, remove `{parameter}` from this list"
                        ),
                    ),
                };
                self.out.push(
                    Diagnostic::error("E0441", title)
                        .at(place.span, label)
                        .also(self.rows[p].name_span, "row of the parameter")
                        .help(help),
                );
            }
        }
        let n = listed.len();
        let matrix = match self.matrix(table, &listed) {
            Some(matrix) if self.out.counts().0 == before => matrix,
            _ => return,
        };
        let matrix = match table.get(keys::correlated::COVARIANCE) {
            Some(covariance) => match self.spread_by(covariance, &matrix, &listed, all) {
                Some(matrix) => matrix,
                None => return,
            },
            None => matrix,
        };
        // Parameters are sorted by name, so that the factor of the matrix, and with it the draws, do not depend on their order in the
        // scenario.
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| self.rows[listed[a]].name.cmp(&self.rows[listed[b]].name));
        let sorted: Vec<Vec<f64>> =
            order.iter().map(|&i| order.iter().map(|&j| matrix[i][j]).collect()).collect();
        let Some(lower) = factor(&sorted) else {
            self.out.push(
                Diagnostic::error("E0441", format!("the correlations in correlated group `{name}` contradict each other"))
                    .at(node.key_span, "no parameters can have all these correlations at once")
                    .why("for example, if a is strongly correlated with b, and b with c, then a and c cannot be uncorrelated (the correlation matrix must be positive semidefinite)")
                    .help("check the signs against the source, and move correlations that are only assumptions closer to 0"),
            );
            return;
        };
        // A parameter has no distribution if its distribution could not be moved to a new base value; then the group is not correlated.
        if order.iter().all(|&i| all.margins[listed[i]].is_some()) {
            all.joint.push(Joint {
                name: name.to_string(),
                members: order.iter().map(|&i| listed[i]).collect(),
                how: Together::Copula(lower),
            });
        }
    }

    /// Correlation or covariance matrix as written in the scenario, in the order of `listed`.
    fn matrix(&mut self, table: &TomlTable, listed: &[usize]) -> Option<Vec<Vec<f64>>> {
        let n = listed.len();
        let one = |i: usize, j: usize| if i == j { 1.0 } else { 0.0 };
        let mut matrix: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| one(i, j)).collect()).collect();
        if let (Some(node), Some(r)) =
            (table.get(keys::correlated::CORRELATION), table.number(keys::correlated::CORRELATION))
        {
            self.is_correlation(r, node.span);
            for (i, row) in matrix.iter_mut().enumerate() {
                for (j, x) in row.iter_mut().enumerate() {
                    *x = if i == j { 1.0 } else { r };
                }
            }
        }
        for pair in table.get(keys::correlated::PAIRS).map(TomlNode::items).unwrap_or_default() {
            let Some(pair_table) = pair.table() else { continue };
            let names = pair_table.names(keys::pair::OF);
            let member = |name: &str| listed.iter().position(|&p| self.rows[p].name == name);
            let at: Vec<usize> = names.iter().filter_map(|(name, _)| member(name)).collect();
            let (&[i, j], Some(r)) = (&at[..], pair_table.number(keys::pair::IS)) else {
                let stranger = names.iter().find(|(name, _)| member(name).is_none());
                let place = stranger.map_or(pair.span, |(_, node)| node.span);
                let members: Vec<&str> = listed.iter().map(|&p| self.rows[p].name.as_str()).collect();
                let (title, label, why, help) = match stranger {
                    Some((name, _)) => (
                        format!("`{name}` is in `pairs` of a correlated group, but not in its `parameters`"),
                        format!("`parameters` of this group are {}", all_of(&members)),
                        "only the parameters of a correlated group are drawn together, so this correlation would be ignored",
                        format!(
                            "if this parameter belongs to the group, add \"{name}\" to its `parameters`; otherwise correct the name in `of`"
                        ),
                    ),
                    None => (
                        "a pair must name two different parameters".to_string(),
                        "this pair does not have exactly two different parameters".to_string(),
                        "a correlation is between two different parameters",
                        "write both names, as in pairs = [{ of = [\"a\", \"b\"], is = 0.5 }]".to_string(),
                    ),
                };
                self.out.push(Diagnostic::error("E0441", title).at(place, label).why(why).help(help));
                continue;
            };
            self.is_correlation(r, pair.span);
            (matrix[i][j], matrix[j][i]) = (r, r);
        }
        for key in [keys::correlated::MATRIX, keys::correlated::COVARIANCE] {
            let correlations = key.name == keys::correlated::MATRIX.name;
            let Some(node) = table.get(key) else { continue };
            let rows: Vec<Vec<f64>> = node
                .items()
                .iter()
                .map(|row| row.items().iter().filter_map(TomlNode::number).collect())
                .collect();
            let square = rows.len() == n && rows.iter().all(|row| row.len() == n);
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (a.abs() + b.abs()).max(1e-300);
            let mut pairs = (0..n).flat_map(|i| (0..i).map(move |j| (j, i))).filter(|_| square);
            let uneven = pairs.find(|&(j, i)| !near(rows[i][j], rows[j][i]));
            let diagonal = |i: usize| match correlations {
                true => (rows[i][i] - 1.0).abs() < 1e-9,
                false => rows[i][i] > 0.0,
            };
            if !(square && uneven.is_none() && (0..n).all(diagonal)) {
                let wanted = match correlations {
                    true => format!("{n} rows of {n} numbers, symmetric, with ones on the diagonal"),
                    false => format!("{n} rows of {n} numbers, symmetric, with variances on the diagonal"),
                };
                let (fault, why) = match correlations {
                    _ if !square => (
                        "has the wrong number of rows or columns",
                        "it would be unclear which number belongs to which pair of parameters",
                    ),
                    _ if uneven.is_some() => (
                        "is not symmetric",
                        "the two numbers for a pair of parameters would contradict each other",
                    ),
                    true => (
                        "has a number other than 1 on the diagonal",
                        "the correlation of a parameter with itself is 1",
                    ),
                    false => (
                        "has a variance that is not above 0",
                        "the diagonal contains the variance of each parameter",
                    ),
                };
                let (label, help) = match uneven {
                    Some((j, i)) => {
                        let [a, b] = [j, i].map(|k| &self.rows[listed[k]].name);
                        let (above, below) = (rows[j][i], rows[i][j]);
                        let (one, two) = (j + 1, i + 1);
                        (
                            format!("{below} in row {two}, column {one}, but {above} in row {one}, column {two}"),
                            format!("write the same value in both places: both are for `{a}` and `{b}`"),
                        )
                    }
                    None => (
                        format!("expected: {wanted}"),
                        "write one row and one column for each parameter, in the order of `parameters`, with the same value on both sides of the diagonal".to_string(),
                    ),
                };
                let measure = if correlations { "correlation" } else { "covariance" };
                let place = uneven.map_or(node.span, |(j, i)| node.items()[i].items()[j].span);
                self.out.push(
                    Diagnostic::error("E0441", format!("the {measure} matrix {fault}"))
                        .at(place, label)
                        .why(why)
                        .help(help),
                );
                return None;
            }
            matrix = rows;
        }
        Some(matrix)
    }

    fn is_correlation(&mut self, r: f64, place: Span) {
        if !(-1.0..=1.0).contains(&r) {
            let fraction = match r.abs() <= 100.0 {
                true => format!("if this is a percentage, write {}", rounded(r / 100.0, 6)),
                false => "write a fraction, such as 0.8 for 80%".to_string(),
            };
            self.out.push(
                Diagnostic::error("E0441", format!("{r} is not a correlation"))
                    .at(place, "must be between -1 and 1")
                    .help(format!("{fraction}; if it is a covariance, write the covariance matrix of the source in place of the correlations of this group, for example for two parameters with the variances 0.04 and 0.09: covariance = [[0.04, 0.01], [0.01, 0.09]]")),
            );
        }
    }

    /// Sets the standard deviations of the marginal distributions from a covariance matrix, and returns the correlation matrix.
    fn spread_by(
        &mut self,
        node: &TomlNode,
        covariance: &[Vec<f64>],
        listed: &[usize],
        all: &mut Uncertainty,
    ) -> Option<Vec<Vec<f64>>> {
        let deviations: Vec<f64> = (0..listed.len()).map(|i| sqrt(covariance[i][i])).collect();
        for (&p, &sd) in listed.iter().zip(&deviations) {
            let row = &self.rows[p];
            let family = match row.distribution.trim().to_lowercase().as_str() {
                "" | "normal" => Family::Normal { mean: row.base, sd: sd * row.factor },
                "lognormal" if row.base > 0.0 => Family::LogNormal {
                    meanlog: ln(row.base) - if row.base_is_mean { 0.5 * sd * sd } else { 0.0 },
                    sdlog: sd,
                },
                other => {
                    let other = other.to_string();
                    let correlations = match covariance.len() {
                        2 => format!(
                            "here correlation = {}",
                            rounded(covariance[0][1] / (deviations[0] * deviations[1]), 4)
                        ),
                        _ => "each of them a covariance divided by the standard deviations of its two parameters"
                            .to_string(),
                    };
                    let keep = match other.as_str() {
                        "fixed" => {
                            "if it should not vary, remove it from the `parameters` of this group".to_string()
                        }
                        _ => {
                            format!(
                                "to keep `{other}` and its `se`, replace `covariance` by correlations, {correlations}"
                            )
                        }
                    };
                    self.out.push(
                        Diagnostic::error("E0441", format!("parameter `{}` has the distribution `{other}`, which cannot be used with `covariance`", row.name))
                            .at(node.span, "a covariance is possible for normal and lognormal parameters only")
                            .also(row.name_span, "row of the parameter")
                            .why("a covariance matrix describes a joint normal distribution of its parameters (of their logarithms, if they are lognormal)")
                            .help(format!("for a normal distribution around `base`, empty the cells `distribution` and `se` of the row, because the matrix replaces both; {keep}")),
                    );
                    return None;
                }
            };
            let within = match &row.spread {
                Spread::Own(margin) => margin.within,
                _ => (f64::NEG_INFINITY, f64::INFINITY),
            };
            all.margins[p] = Some(Margin { family, within });
        }
        let at = |i: usize, j: usize| covariance[i][j] / (deviations[i] * deviations[j]);
        let n = listed.len();
        Some((0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { at(i, j) }).collect()).collect())
    }

    /// Reads given draws from a file with one column per parameter.
    fn given(&mut self, file: FileId, place: Span, sources: &Sources, all: &mut Uncertainty) {
        let names: Vec<&str> = self.rows.iter().map(|row| row.name.as_str()).collect();
        let before = self.out.counts().0;
        let Some(table) = read_table(sources, file, &names, self.out) else {
            return;
        };
        let convention = excel_numbers::learn(table.rows.iter().flat_map(|row| &row.cells), table.delimiter);
        let mut members = Vec::new();
        let mut columns = Vec::new();
        for (c, cell) in table.header.cells.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty()) {
            if let Some(p) = self.index(&cell.text, cell.span) {
                members.push(p);
                columns.push(c);
            }
        }
        let mut rows = Vec::with_capacity(table.rows.len());
        for record in &table.rows {
            let mut values = Vec::with_capacity(columns.len());
            for (&p, &c) in members.iter().zip(&columns) {
                let row = &self.rows[p];
                let cell = record.cells.get(c);
                let number = cell.and_then(|cell| excel_numbers::read(&cell.text, convention).ok());
                let value = number.filter(|n| !n.percent).map(|n| n.value * row.factor);
                match value {
                    Some(value) if row.kind.allows(value) => values.push(value),
                    _ if self.out.counts().0 - before < MOST_REPORTED => self.out.push(
                        Diagnostic::error("E0441", match cell.map(|cell| cell.text.trim()) {
                            None | Some("") => format!("a draw of parameter `{}` is missing", row.name),
                            Some(text) => format!("`{text}` cannot be a draw of parameter `{}`", row.name),
                        })
                            .at(
                                cell.map_or(record.span, |cell| cell.span),
                                match (number, value) {
                                    (None, _) if cell.is_none_or(|cell| cell.text.trim().is_empty()) => {
                                        "this cell is empty".to_string()
                                    }
                                    (None, _) => "this is not a number".to_string(),
                                    (_, None) => "remove the percent sign: write 0.05 for 5%".to_string(),
                                    _ => format!(
                                        "a parameter of kind `{}` must be {}",
                                        row.kind.name(),
                                        match [-1.0, 0.0, 2.0].map(|x| row.kind.allows(x)) {
                                            [false, false, _] => "above 0",
                                            [false, true, true] => "0 or above",
                                            [false, true, false] => "between 0 and 1",
                                            _ => "at most 1",
                                        }
                                    ),
                                },
                            )
                            .why("the model is run once with each row, so each row needs a possible value of every parameter")
                            .help(match value {
                                Some(x) if x < 0.0 && matches!(row.kind, Kind::Hr | Kind::Rr | Kind::Or) => format!(
                                    "if the column contains log ratios, write the ratios, here exp({x}) = {}; otherwise correct the value",
                                    shown(exp(x))
                                ),
                                Some(_) => format!("correct the value; check that its column belongs to `{}` and is in the unit of the parameter table", row.name),
                                None => format!("write a number for `{}` into this cell, in the unit of the parameter table; if the source has no number, delete the row", row.name),
                            }),
                    ),
                    _ => return,
                }
            }
            rows.push(values);
        }
        if self.out.counts().0 > before {
            return;
        }
        for &p in &members {
            all.margins[p] = None;
            let row = &self.rows[p];
            if row.base != row.table_base {
                self.out.push(
                    Diagnostic::error(
                        "E0441",
                        format!("`{}` is set, but its draws come from a file", row.name),
                    )
                    .at(place, "the draws are in the file given here")
                    .also(row.name_span, "the parameter that is set")
                    .why(
                        "the base case would use the new value, and the probabilistic analysis the old draws",
                    )
                    .help("remove its column from the file, or do not set it"),
                );
            }
        }
        if rows.is_empty() || members.is_empty() {
            self.out.push(
                Diagnostic::error("E0441", "the file contains no draws")
                    .at(place, "no row of numbers in this file")
                    .help("write the names of the parameters into the first line, and one draw into each further line"),
            );
            return;
        }
        let name = sources.files[file]
            .path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by(|&a, &b| self.rows[members[a]].name.cmp(&self.rows[members[b]].name));
        let sort = |values: &Vec<f64>| order.iter().map(|&i| values[i]).collect();
        all.joint.push(Joint {
            name,
            members: order.iter().map(|&i| members[i]).collect(),
            how: Together::Given(rows.iter().map(sort).collect()),
        });
    }

    /// Builds Dirichlet distributions: parameters with the distribution `dirichlet` and the same `group` are shares of one whole.
    fn shares(&mut self, all: &mut Uncertainty) {
        let mut blocks: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (p, row) in self.rows.iter().enumerate() {
            let given = matches!(all.joint_of(p), Some(Joint { how: Together::Given(_), .. }));
            if matches!(row.spread, Spread::Share { .. }) && !given {
                blocks.entry(&row.group).or_default().push(p);
            }
        }
        for (group, mut members) in blocks {
            let first = &self.rows[members[0]];
            if group.is_empty() && members.len() > 1 {
                let second = &self.rows[members[1]];
                let title = format!(
                    "parameters `{}` and `{}` have a Dirichlet distribution but no `group`",
                    first.name, second.name
                );
                self.out.push(
                    Diagnostic::error("E0441", title)
                        .at(first.name_span, "`group` is empty")
                        .also(second.name_span, "`group` is empty here too")
                        .why("shares of one whole must be drawn together, so that they do not add up to more than 1")
                        .help("write the same name into `group` for all shares of one whole, and a different name for each whole"),
                );
                continue;
            }
            let count = |p: usize| match self.rows[p].spread {
                Spread::Share { events, total } => (events, total),
                _ => (0.0, 0.0),
            };
            let total = count(members[0]).1;
            let sum: f64 = members.iter().map(|&p| count(p).0).sum();
            let odd = members.iter().find(|&&p| count(p).1 != total);
            if let Some(&odd) = odd {
                self.out.push(
                    Diagnostic::error("E0441", format!("the shares in group `{group}` have different totals"))
                        .at(self.rows[odd].name_span, format!("its `total` is {}", count(odd).1))
                        .also(first.name_span, format!("its `total` is {total}"))
                        .why("the shares of a whole come from the same patients, and their number determines how uncertain the shares are")
                        .help("write the number of all patients into `total` of every share, and the patients with each share into its `events`"),
                );
                continue;
            }
            if sum > total * (1.0 + 1e-9) {
                let each: Vec<String> = members.iter().map(|&p| count(p).0.to_string()).collect();
                self.out.push(
                    Diagnostic::error("E0441", format!("the `events` of group `{group}` exceed their `total`"))
                        .at(first.name_span, format!("`events` of the group: {} = {sum}, but `total` is {total}", each.join(" + ")))
                        .why("the shares of the group would add up to more than 1")
                        .help(format!("compare both with the source: `events` is the number of patients in one category, and `total` the number of all patients, so at least {sum}")),
                );
                continue;
            }
            members.sort_by(|&a, &b| self.rows[a].name.cmp(&self.rows[b].name));
            // If a share was set to a new value, the sample size of the Dirichlet distribution stays the same.
            let moved = members.iter().any(|&p| self.rows[p].base != self.rows[p].table_base);
            let counts: Vec<f64> =
                members.iter().map(|&p| if moved { total * self.rows[p].base } else { count(p).0 }).collect();
            let rest = (total - counts.iter().sum::<f64>()).max(0.0);
            if counts.iter().any(|&n| n <= 0.0) {
                continue;
            }
            all.joint.push(Joint {
                name: group.to_string(),
                members,
                how: Together::Shares { counts, rest: if rest > 1e-9 * total { rest } else { 0.0 } },
            });
        }
    }

    /// Warns about shares of one whole that are drawn independently, because they may add up to more than 1.
    fn shares_apart(&mut self, model: &Model, all: &Uncertainty) {
        let mut wholes: Vec<(String, Vec<&Share>)> = Vec::new();
        for attribute in &model.attributes {
            wholes.push((format!("attribute `{}`", attribute.name), attribute.shares().iter().collect()));
        }
        let at_start = model.start.iter().map(|(_, share)| share).collect();
        wholes.push(("the patients at the start".into(), at_start));
        for transition in &model.transitions {
            let shares = transition.branches.iter().map(|b| &b.share).collect();
            wholes.push((format!("transition `{}`", transition.name), shares));
        }
        for strategy in &model.strategies {
            let shares = strategy.at_start.iter().map(|b| &b.share).collect();
            wholes.push((format!("`at_start` of strategy `{}`", strategy.name), shares));
        }
        let mut reported = Vec::new();
        for (of, whole) in wholes {
            let alone: Vec<usize> = whole
                .iter()
                .filter_map(|share| match share {
                    Share::Stated(Expr::Parameter(p)) if all.margins[*p].is_some() => Some(*p),
                    _ => None,
                })
                .collect();
            let [a, b, ..] = alone[..] else { continue };
            if reported.contains(&a) {
                continue;
            }
            reported.push(a);
            let names = listed(alone.iter().map(|&p| self.rows[p].name.as_str()));
            self.out.push(
                Diagnostic::warning("W0518", format!("parameters {names} are shares of one whole, but are drawn independently"))
                    .at(self.rows[a].name_span, format!("a share of {of}"))
                    .also(self.rows[b].name_span, "another share")
                    .why("independent draws ignore that a larger share leaves less for the others; in some draws the shares may add up to more than 1")
                    .help("use a Dirichlet distribution: for each of these parameters, write dirichlet into the column `distribution`, its counts into `events` and `total`, and the same name of your choice into `group`"),
            );
        }
    }
}

/// Maximum number of faulty draws that are reported.
const MOST_REPORTED: usize = 20;
