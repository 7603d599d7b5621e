//! Sampling of uncertain parameters: random, Latin hypercube or Sobol. Every parameter has its own random-number
//! stream, named after it, so adding or reordering parameters leaves the other draws unchanged, and any draw `k` can be
//! computed alone.

use arcosim_core::engine::random::Stream;
use arcosim_core::math::{gamma, normal};
use arcosim_core::model::Model;
use arcosim_core::model::uncertainty::{Joint, Sampling, Together, Uncertainty};

/// Sampler for the draws of one analysis.
pub struct Draws<'a> {
    base: Vec<f64>,
    uncertainty: &'a Uncertainty,
    sampling: Sampling,
    seed: u64,
    count: u64,
    /// Name of the random-number stream of each uniform: one per parameter (empty if no uniform is needed), then one
    /// per joint distribution for the remainder of a set of shares.
    names: Vec<String>,
    /// Stratum of every uniform in every draw, for Latin hypercube sampling.
    slices: Vec<Vec<u32>>,
    /// Dimension of every uniform, for Sobol sampling.
    dimensions: Vec<u32>,
    /// Scrambling of each sequence, for Sobol sampling. All dimensions of a sequence share the same scrambling, because
    /// otherwise the points would not be evenly spread over several dimensions together.
    scramblings: Vec<u32>,
}

/// Largest number of dimensions of the Sobol sequence.
pub const MOST_SOBOL: usize = sobol_burley::NUM_DIMENSIONS as usize;

/// Draws per Sobol sequence; further draws use another sequence with a new scrambling.
const SOBOL_DRAWS: u64 = 1 << 16;

impl<'a> Draws<'a> {
    /// Prepares `count` draws around `base`, the base values of all parameters.
    pub fn new(
        model: &Model,
        base: &[f64],
        uncertainty: &'a Uncertainty,
        sampling: Sampling,
        (seed, count): (u64, u64),
    ) -> Draws<'a> {
        let name = |p: usize| model.parameters[p].name.clone();
        let given = |p: usize| matches!(uncertainty.joint_of(p), Some(Joint { how: Together::Given(_), .. }));
        let own = |p: usize| {
            if uncertainty.varies(p) && !given(p) { name(p) } else { String::new() }
        };
        let mut names: Vec<String> = (0..base.len()).map(own).collect();
        for joint in &uncertainty.joint {
            let rest = match joint.how {
                Together::Shares { rest, .. } if rest > 0.0 => {
                    let members: Vec<String> = joint.members.iter().map(|&p| name(p)).collect();
                    format!("rest of {}", members.join(", "))
                }
                _ => String::new(),
            };
            names.push(rest);
        }
        let mut draws = Draws {
            base: base.to_vec(),
            uncertainty,
            sampling,
            seed,
            count,
            slices: Vec::new(),
            dimensions: Vec::new(),
            scramblings: Vec::new(),
            names,
        };
        match sampling {
            Sampling::Random => {}
            Sampling::LatinHypercube => {
                draws.slices = draws.names.iter().map(|n| draws.permutation(n)).collect()
            }
            Sampling::Sobol => {
                draws.dimensions = draws.dimensions();
                draws.scramblings = (0..count.div_ceil(SOBOL_DRAWS)).map(|i| draws.scrambling(i)).collect();
            }
        }
        draws
    }

    /// Number of draws.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Number of uniform random numbers in each draw.
    pub fn dimension(&self) -> usize {
        self.names.iter().filter(|name| !name.is_empty()).count()
    }

    /// Values of all parameters in draw `k`, counted from 1. `attempt` is 0 at first; a repeated draw (`attempt` above
    /// 0) uses random sampling, whatever the sampling method of the analysis.
    pub fn values(&self, k: u64, attempt: u64) -> Vec<f64> {
        let mut values = self.base.clone();
        for (p, margin) in self.uncertainty.margins.iter().enumerate() {
            if let Some(margin) = margin
                && self.uncertainty.joint_of(p).is_none()
            {
                values[p] = margin.quantile(self.uniform(p, k, attempt));
            }
        }
        for (j, joint) in self.uncertainty.joint.iter().enumerate() {
            match &joint.how {
                Together::Copula(lower) => {
                    let scores: Vec<f64> = joint
                        .members
                        .iter()
                        .map(|&p| normal::quantile(self.uniform(p, k, attempt)))
                        .collect();
                    for (row, &p) in lower.iter().zip(&joint.members) {
                        let score: f64 = row.iter().zip(&scores).map(|(l, z)| l * z).sum();
                        if let Some(margin) = &self.uncertainty.margins[p] {
                            values[p] = margin.quantile(normal::cdf(score));
                        }
                    }
                }
                Together::Shares { counts, rest } => {
                    // Gamma variates divided by their sum have a Dirichlet distribution (L. Devroye, Non-Uniform Random
                    // Variate Generation, 1986, XI.4).
                    let parts: Vec<f64> = joint
                        .members
                        .iter()
                        .zip(counts)
                        .map(|(&p, &n)| gamma::quantile(n, self.uniform(p, k, attempt)))
                        .collect();
                    let left = match *rest > 0.0 {
                        true => gamma::quantile(*rest, self.uniform(self.base.len() + j, k, attempt)),
                        false => 0.0,
                    };
                    let sum = parts.iter().sum::<f64>() + left;
                    for (&p, part) in joint.members.iter().zip(parts) {
                        values[p] = part / sum;
                    }
                }
                Together::Given(rows) => {
                    let row = &rows[((k - 1) % rows.len() as u64) as usize];
                    joint.members.iter().zip(row).for_each(|(&p, &x)| values[p] = x);
                }
            }
        }
        values
    }

    /// Uniform random number of stream `i` in draw `k`, strictly between 0 and 1.
    fn uniform(&self, i: usize, k: u64, attempt: u64) -> f64 {
        let [plain, _] = Stream::new(self.seed, k, &self.names[i]).uniforms(attempt, 0);
        if attempt > 0 {
            return plain;
        }
        match self.sampling {
            Sampling::Random => plain,
            Sampling::LatinHypercube => {
                (f64::from(self.slices[i][(k - 1) as usize]) + plain) / self.count as f64
            }
            Sampling::Sobol => {
                let most = MOST_SOBOL as u32;
                // Beyond the last dimension, dimensions are reused with another scrambling.
                let (dimension, round) = (self.dimensions[i] % most, self.dimensions[i] / most);
                let scrambling = self.scramblings[((k - 1) / SOBOL_DRAWS) as usize].wrapping_add(round);
                let point = sobol_burley::sample(((k - 1) % SOBOL_DRAWS) as u32, dimension, scrambling);
                // Points of the Sobol sequence have 24 bits, so the remaining bits are filled with random ones.
                (f64::from(point) + plain / f64::from(1u32 << 24)).min(1.0 - f64::EPSILON)
            }
        }
    }

    /// Latin hypercube strata of one stream, in the order of the draws: a random permutation.
    fn permutation(&self, name: &str) -> Vec<u32> {
        if name.is_empty() {
            return Vec::new();
        }
        let stream = Stream::new(self.seed, 0, &format!("latin hypercube: {name}"));
        let keys: Vec<f64> = (0..self.count).map(|k| stream.uniforms(k, 0)[0]).collect();
        let mut order: Vec<u32> = (0..self.count as u32).collect();
        order.sort_by(|&a, &b| keys[a as usize].total_cmp(&keys[b as usize]));
        order
    }

    /// Assigns a Sobol dimension to each stream, in the alphabetical order of the names.
    fn dimensions(&self) -> Vec<u32> {
        let mut sorted: Vec<&String> = self.names.iter().filter(|name| !name.is_empty()).collect();
        sorted.sort();
        let of = |name: &String| sorted.iter().position(|other| *other == name).unwrap_or(0) as u32;
        self.names.iter().map(of).collect()
    }

    /// Random scrambling of one Sobol sequence.
    fn scrambling(&self, sequence: u64) -> u32 {
        let [u, _] = Stream::new(self.seed, sequence, "sobol").uniforms(0, 0);
        (u * f64::from(u32::MAX)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arcosim_core::model::uncertainty::{Family, Margin, factor};
    use arcosim_scenario::load_text;

    /// A model with parameters of these names, for tests that do not use its results.
    fn model(names: &[&str]) -> Model {
        let rows: Vec<String> = names.iter().map(|n| format!("{n},rate,0.1,per year,S")).collect();
        let sum = names.join(" + ");
        let text = format!(
            "format = 1\nparameters = \"p.csv\"\n[time]\ncycle = \"1 year\"\nhorizon = \"2 years\"\n[population.start]\na = \"rest\"\n\
             [states]\na = {{}}\nb = {{ absorbing = true }}\n[transitions.go]\nfrom = \"a\"\nto = \"b\"\nrate = \"{sum}\"\n[strategies]\ns = {{}}\n"
        );
        let numbers = format!("name,kind,base,unit,source\n{}\n", rows.join("\n"));
        let loaded = load_text(&[("s.toml", &text), ("p.csv", &numbers)], &[]);
        loaded.scenario.unwrap().model
    }

    fn normal_margin(mean: f64, sd: f64) -> Option<Margin> {
        Some(Margin::whole(Family::Normal { mean, sd }))
    }

    fn moments(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let square = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
        (mean, square.sqrt())
    }

    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let ((ma, sa), (mb, sb)) = (moments(a), moments(b));
        let n = a.len() as f64;
        let cross: f64 = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum();
        cross / (n - 1.0) / sa / sb
    }

    fn column(draws: &Draws, p: usize) -> Vec<f64> {
        (1..=draws.count()).map(|k| draws.values(k, 0)[p]).collect()
    }

    #[test]
    fn a_parameter_draws_the_same_whatever_stands_beside_it() {
        let (few, more) = (model(&["b", "c"]), model(&["a", "c", "b"]));
        let two =
            Uncertainty { margins: vec![normal_margin(1.0, 0.1), normal_margin(2.0, 0.2)], joint: vec![] };
        let three = Uncertainty {
            margins: vec![normal_margin(9.0, 1.0), normal_margin(2.0, 0.2), normal_margin(1.0, 0.1)],
            joint: vec![],
        };
        for sampling in [Sampling::Random, Sampling::LatinHypercube] {
            let one = Draws::new(&few, &[1.0, 2.0], &two, sampling, (7, 50));
            let other = Draws::new(&more, &[9.0, 2.0, 1.0], &three, sampling, (7, 50));
            for k in [1, 17, 50] {
                let (a, b) = (one.values(k, 0), other.values(k, 0));
                assert_eq!((a[0], a[1]), (b[2], b[1]));
            }
        }
    }

    #[test]
    fn every_sampling_has_the_distribution_and_the_quieter_ones_a_better_mean() {
        let model = model(&["a", "b"]);
        let both =
            Uncertainty { margins: vec![normal_margin(1.0, 0.5), normal_margin(-2.0, 0.1)], joint: vec![] };
        let n = 4096;
        for sampling in [Sampling::Random, Sampling::LatinHypercube, Sampling::Sobol] {
            let draws = Draws::new(&model, &[1.0, -2.0], &both, sampling, (3, n));
            let (a, b) = (column(&draws, 0), column(&draws, 1));
            let (mean, sd) = moments(&a);
            let se = 0.5 / (n as f64).sqrt();
            let most = if sampling == Sampling::Random { 4.0 * se } else { 0.1 * se };
            assert!((mean - 1.0).abs() < most, "{sampling:?}: mean {mean}");
            assert!((sd / 0.5 - 1.0).abs() < 4.0 / (2.0 * n as f64).sqrt(), "{sampling:?}: {sd}");
            assert!(correlation(&a, &b).abs() < 4.0 / (n as f64).sqrt());
        }
    }

    #[test]
    fn a_latin_hypercube_has_one_draw_in_every_slice() {
        let model = model(&["a"]);
        let one = Uncertainty {
            margins: vec![Some(Margin::whole(Family::Uniform { low: 0.0, high: 1.0 }))],
            joint: vec![],
        };
        let draws = Draws::new(&model, &[0.5], &one, Sampling::LatinHypercube, (1, 1000));
        let mut slices: Vec<usize> = column(&draws, 0).iter().map(|u| (u * 1000.0) as usize).collect();
        slices.sort_unstable();
        assert!(slices.iter().enumerate().all(|(i, &slice)| i == slice));
    }

    /// The first two dimensions of the Sobol sequence form a (0, 2)-net: if the unit square is divided into 64 by 64,
    /// 16 by 256 or 256 by 16 boxes, each box contains one of the first 4,096 points. Scrambling preserves this
    /// property only if it is the same for both dimensions.
    #[test]
    fn sobol_is_even_in_two_dimensions_and_goes_on_beyond_its_end() {
        let model = model(&["a", "b"]);
        let whole = || Some(Margin::whole(Family::Uniform { low: 0.0, high: 1.0 }));
        let both = Uncertainty { margins: vec![whole(), whole()], joint: vec![] };
        let draws = Draws::new(&model, &[0.5, 0.5], &both, Sampling::Sobol, (9, 70_000));
        let points: Vec<Vec<f64>> = (1..=4096).map(|k| draws.values(k, 0)).collect();
        for (across, along) in [(64, 64), (16, 256), (256, 16)] {
            let mut boxes: Vec<usize> = points
                .iter()
                .map(|p| (p[0] * f64::from(across)) as usize * along + (p[1] * along as f64) as usize)
                .collect();
            boxes.sort_unstable();
            assert!(boxes.iter().enumerate().all(|(i, &own)| i == own), "{across} by {along}");
        }
        let (last, next) = (draws.values(SOBOL_DRAWS, 0), draws.values(SOBOL_DRAWS + 1, 0));
        assert!(next.iter().all(|u| (0.0..1.0).contains(u)));
        assert_ne!(last, next);
        assert_ne!(draws.values(1, 0), next);
    }

    #[test]
    fn normal_scores_are_correlated_and_margins_stay() {
        let model = model(&["a", "b", "c"]);
        let matrix = vec![vec![1.0, 0.6, -0.3], vec![0.6, 1.0, 0.2], vec![-0.3, 0.2, 1.0]];
        let all = Uncertainty {
            margins: vec![
                normal_margin(0.0, 1.0),
                normal_margin(5.0, 2.0),
                Some(Margin::whole(Family::LogNormal { meanlog: 0.0, sdlog: 0.4 })),
            ],
            joint: vec![Joint {
                name: "all".into(),
                members: vec![0, 1, 2],
                how: Together::Copula(factor(&matrix).unwrap()),
            }],
        };
        let n = 20_000;
        let draws = Draws::new(&model, &[0.0, 5.0, 1.0], &all, Sampling::Random, (5, n));
        let columns: Vec<Vec<f64>> = (0..3)
            .map(|p| column(&draws, p).iter().map(|x| if p == 2 { x.ln() } else { *x }).collect())
            .collect();
        // The standard error of a correlation r is (1 − r²) / √n.
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            let (r, got) = (matrix[i][j], correlation(&columns[i], &columns[j]));
            assert!((got - r).abs() < 4.0 * (1.0 - r * r) / (n as f64).sqrt(), "{got} is not {r}");
        }
        let (mean, sd) = moments(&columns[1]);
        assert!((mean - 5.0).abs() < 4.0 * 2.0 / (n as f64).sqrt());
        assert!((sd / 2.0 - 1.0).abs() < 4.0 / (2.0 * n as f64).sqrt());
    }

    #[test]
    fn with_a_correlation_of_one_ranks_are_the_same() {
        let model = model(&["a", "b"]);
        let both = Uncertainty {
            margins: vec![normal_margin(1.0, 0.5), normal_margin(2.0, 0.5)],
            joint: vec![Joint {
                name: "both".into(),
                members: vec![0, 1],
                how: Together::Copula(factor(&[vec![1.0, 1.0], vec![1.0, 1.0]]).unwrap()),
            }],
        };
        let draws = Draws::new(&model, &[1.0, 2.0], &both, Sampling::LatinHypercube, (5, 200));
        for k in 1..=200 {
            let values = draws.values(k, 0);
            assert!((values[1] - values[0] - 1.0).abs() < 1e-9);
        }
    }

    /// A Dirichlet share has mean aᵢ/n and variance aᵢ (n − aᵢ) / (n² (n + 1)), where n is the sum of all counts aᵢ.
    #[test]
    fn shares_have_the_moments_of_a_dirichlet_and_never_add_to_more_than_the_whole() {
        let model = model(&["a", "b"]);
        let shares = Uncertainty {
            margins: vec![None, None],
            joint: vec![Joint {
                name: "mix".into(),
                members: vec![0, 1],
                how: Together::Shares { counts: vec![8.0, 27.0], rest: 65.0 },
            }],
        };
        let n = 20_000;
        let draws = Draws::new(&model, &[0.08, 0.27], &shares, Sampling::Random, (2, n));
        let columns = [column(&draws, 0), column(&draws, 1)];
        assert!((0..n as usize).all(|k| columns[0][k] + columns[1][k] < 1.0));
        for (values, a) in columns.iter().zip([8.0, 27.0]) {
            let (mean, sd) = moments(values);
            let want = (a * (100.0 - a) / (10_000.0 * 101.0f64)).sqrt();
            assert!((mean - a / 100.0).abs() < 4.0 * want / (n as f64).sqrt());
            // The tolerance is wider than for a normal variable, because a beta variable with small counts has excess
            // kurtosis.
            assert!((sd / want - 1.0).abs() < 6.0 / (2.0 * n as f64).sqrt());
        }
    }

    #[test]
    fn given_draws_are_taken_in_turn() {
        let model = model(&["a", "b"]);
        let given = Uncertainty {
            margins: vec![None, None],
            joint: vec![Joint {
                name: "posterior.csv".into(),
                members: vec![1, 0],
                how: Together::Given(vec![vec![1.0, 2.0], vec![3.0, 4.0]]),
            }],
        };
        let draws = Draws::new(&model, &[0.0, 0.0], &given, Sampling::Random, (1, 3));
        assert_eq!(draws.values(1, 0), [2.0, 1.0]);
        assert_eq!(draws.values(2, 0), [4.0, 3.0]);
        assert_eq!(draws.values(3, 0), [2.0, 1.0]);
    }
}
