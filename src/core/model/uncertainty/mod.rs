//! Parameter uncertainty (second order): distributions of parameters and correlations between them.

mod factor;
mod margin;

pub use factor::factor;
pub use margin::{Family, Margin};

/// The second-order uncertainty of a scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Uncertainty {
    /// Per parameter: its own distribution. `None` holds it at its base value, unless `joint` draws it.
    pub margins: Vec<Option<Margin>>,
    /// Parameters that are drawn together; each parameter is in one of them at most.
    pub joint: Vec<Joint>,
}

/// Parameters that are drawn together. `members` are indices of parameters in the order of their names, so that the
/// order in which a scenario lists them changes no draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// Name for people.
    pub name: String,
    /// Parameters.
    pub members: Vec<usize>,
    /// How.
    pub how: Together,
}

/// How parameters are drawn together.
#[derive(Clone, Debug, PartialEq)]
pub enum Together {
    /// Gaussian copula: normal scores with this correlation, of which the lower triangular factor is held; each margin is
    /// its own (R. B. Nelsen, An Introduction to Copulas, 2006, 2.3). With normal margins it is the multivariate normal.
    Copula(Vec<Vec<f64>>),
    /// Shares of one whole from counts: a Dirichlet distribution; `rest` counts those in no member.
    Shares {
        /// Counts of the members.
        counts: Vec<f64>,
        /// Count of the share that is the rest; 0 if the members are all there is.
        rest: f64,
    },
    /// Rows of a file, such as a posterior sample: draw k is row k, and after the last the first again.
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

    /// What a parameter is drawn with.
    pub fn joint_of(&self, parameter: usize) -> Option<&Joint> {
        self.joint.iter().find(|joint| joint.members.contains(&parameter))
    }
}

/// How draws are spread over the distributions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sampling {
    /// Every draw for itself.
    #[default]
    Random,
    /// Every parameter has one draw in each of as many slices of equal probability as there are draws.
    LatinHypercube,
    /// Sobol's sequence with Owen's scrambling.
    Sobol,
}

impl Sampling {
    /// Every kind with its name.
    pub const NAMES: [(Sampling, &'static str); 3] = [
        (Sampling::Random, "random"),
        (Sampling::LatinHypercube, "latin hypercube"),
        (Sampling::Sobol, "sobol"),
    ];

    /// The name in running text.
    pub fn words(self) -> &'static str {
        match self {
            Sampling::Random => "random",
            Sampling::LatinHypercube => "Latin hypercube",
            Sampling::Sobol => "Sobol",
        }
    }

    /// The name in scenarios.
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(sampling, _)| *sampling == self);
        named.map_or("", |(_, name)| name)
    }
}

/// Most draws of one analysis: all of their values and totals are held at once.
pub const MOST_DRAWS: u64 = 1_000_000;
