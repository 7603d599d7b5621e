//! Expected value of partial perfect information (EVPPI): the value of knowing some of the parameters.
//!
//! M. Strong, J. E. Oakley and A. Brennan, Medical Decision Making 34 (2014) 311–326: the expected net benefit of a
//! strategy, given the parameters, is estimated by regression of net benefit on the parameters over the draws of the
//! PSA, so that no further model runs are needed.

use rayon::prelude::*;

use super::expected_loss::evpi;
use super::margin::MarginalBasis;
use super::samples::{BadSamples, check_table};
use super::smoother::{InformationEstimate, Smoother, one};
use super::surface::surface;

/// Group of parameters whose joint value of information is estimated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterGroup {
    /// Name shown with the result.
    pub name: String,
    /// Indices of the parameters in the inputs, at least one; repeated indices have no effect.
    pub parameters: Vec<usize>,
}

impl ParameterGroup {
    /// Creates a group with a name.
    pub fn new(name: impl Into<String>, parameters: impl Into<Vec<usize>>) -> ParameterGroup {
        ParameterGroup { name: name.into(), parameters: parameters.into() }
    }
}

/// EVPPI of one group of parameters, in money per person.
#[derive(Debug, Clone, PartialEq)]
pub struct Evppi {
    /// Name of the group of parameters.
    pub name: String,
    /// EVPPI estimate, limited to the range from zero to the EVPI of the same draws. Fitted noise biases the estimate
    /// upwards, mostly if strategies have nearly equal means: with two strategies that tie and 1,000 draws, the
    /// estimate is about 2 % of the EVPI for an irrelevant parameter and 9 % for a group of eleven irrelevant
    /// parameters; with 10,000 draws, 0.5 % and 2.5 %. If one strategy is clearly best, the bias is zero.
    pub value: f64,
    /// Standard error by a delete-a-block jackknife at the smoothness of the whole sample. `None` for fewer than twenty
    /// draws. The standard error excludes the error of functions that the smoother cannot represent, and is too large
    /// for Latin hypercube and Sobol draws.
    pub se: Option<f64>,
    /// Whether the regression estimate exceeded the EVPI of the same draws, which is impossible, and was replaced by
    /// the EVPI.
    pub above_evpi: bool,
    /// Smoother used to estimate the conditional expectation; [`Smoother::Nothing`] if no parameter of the group
    /// varies.
    pub smoother: Smoother,
    /// Effective degrees of freedom of the fit, the largest among the strategies.
    pub edf: f64,
}

/// EVPPI of every group, in the order of `groups`. `inputs` are `[parameter][draw]`, `net_benefit` is
/// `[strategy][draw]` at one threshold. The results are bit-identical for any number of threads.
///
/// The difference in net benefit from the best strategy is regressed separately for each strategy; see [`Smoother`].
pub fn evppi(
    inputs: &[Vec<f64>],
    net_benefit: &[Vec<f64>],
    groups: &[ParameterGroup],
) -> Result<Vec<Evppi>, BadSamples> {
    let draws = check_table(net_benefit)?;
    for group in groups {
        if group.parameters.is_empty() {
            return Err(BadSamples::Lengths);
        }
        if let Some(&index) = group.parameters.iter().find(|&&p| p >= inputs.len()) {
            return Err(BadSamples::Index(index));
        }
    }
    if !inputs.is_empty() && check_table(inputs)? != draws {
        return Err(BadSamples::Lengths);
    }
    let perfect = evpi(net_benefit)?;
    let responses = responses(net_benefit, perfect.best);
    let mut used = vec![false; inputs.len()];
    groups.iter().flat_map(|g| &g.parameters).for_each(|&p| used[p] = true);
    let margins: Vec<Option<MarginalBasis>> = (inputs.par_iter().zip(&used))
        .map(|(values, used)| used.then(|| MarginalBasis::new(values)).flatten())
        .collect();
    Ok((groups.par_iter())
        .map(|group| {
            let mut parameters = group.parameters.clone();
            parameters.sort_unstable();
            parameters.dedup();
            let varying: Vec<&MarginalBasis> =
                parameters.iter().filter_map(|&p| margins[p].as_ref()).collect();
            let estimate = match varying[..] {
                _ if responses.is_empty() => InformationEstimate::NOTHING,
                [] => InformationEstimate::NOTHING,
                [margin] => one(margin, &responses),
                _ => surface(&varying, &responses),
            };
            Evppi {
                name: group.name.clone(),
                value: estimate.value.min(perfect.value).max(0.0),
                se: estimate.se,
                above_evpi: estimate.value > perfect.value * (1.0 + 1e-9),
                smoother: estimate.smoother,
                edf: estimate.edf,
            }
        })
        .collect())
}

/// Differences in net benefit from the best strategy; subtraction removes the noise that strategies share. Strategies
/// that are equal to the best in every draw are left out.
fn responses(net_benefit: &[Vec<f64>], best: usize) -> Vec<Vec<f64>> {
    let less = |values: &Vec<f64>| -> Vec<f64> {
        values.iter().zip(&net_benefit[best]).map(|(value, best)| value - best).collect()
    };
    (net_benefit.iter().enumerate())
        .filter(|(s, _)| *s != best)
        .map(|(_, values)| less(values))
        .filter(|differences| differences.iter().any(|d| *d != 0.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::mean;
    use super::super::samples::testing::{Numbers, shuffled};
    use super::*;
    use crate::math::{exp, normal, sqrt};

    /// Stratified normal numbers in random order. Each parameter follows its distribution almost exactly, so that the
    /// remaining error is due to the joint distribution of the parameters.
    fn stratified(n: usize, mean: f64, sd: f64, numbers: &mut Numbers) -> Vec<f64> {
        let strata = (0..n).map(|i| (i as f64 + 0.5) / n as f64);
        shuffled(strata.map(|u| mean + sd * normal::quantile(u)).collect(), numbers)
    }

    fn value_of(inputs: &[Vec<f64>], benefit: &[Vec<f64>], parameters: &[usize]) -> Evppi {
        let got = evppi(inputs, benefit, &[ParameterGroup::new("group", parameters)]).unwrap();
        let got = got.into_iter().next().unwrap();
        let bound = evpi(benefit).unwrap().value;
        assert!(got.value >= 0.0 && got.value <= bound, "{got:?} above {bound}");
        got
    }

    /// Asserts that an estimate is within three standard errors of `want`, and that its standard error is at most
    /// `most`.
    fn agrees(got: &Evppi, want: f64, most: f64) {
        let se = got.se.unwrap();
        assert!((got.value - want).abs() < 3.0 * se && se < most, "{got:?} is not {want}");
    }

    fn combined(n: usize, of: impl Fn(usize) -> f64) -> Vec<Vec<f64>> {
        vec![vec![0.0; n], (0..n).map(of).collect()]
    }

    /// Net benefits 0 and k·p1 − p2, with p1 ~ N(1, 1) and p2 ~ N(0, 2). The closed form follows from E max(0, X) = m
    /// Φ(m/s) + s φ(m/s) for X ~ N(m, s).
    #[test]
    fn the_normal_example_has_its_closed_forms() {
        let wanted = [
            (0.0833154705876864, 0.39559311480261217, 0.4798107063483925),
            (0.1666309411753728, 0.1666309411753728, 0.3992824567484914),
            (0.24994641176305876, 0.05861358752520962, 0.40946341599383507),
        ];
        let n = 10_000;
        for (sampling, most) in [(false, 0.02), (true, 0.02)] {
            let mut numbers = Numbers(2014);
            let mut draw = |mean, sd| {
                if sampling { stratified(n, mean, sd, &mut numbers) } else { numbers.normals(n, mean, sd) }
            };
            let inputs = [draw(1.0, 1.0), draw(0.0, 2.0)];
            for (k, (first, second, both)) in wanted.into_iter().enumerate() {
                let k = (k + 1) as f64;
                let benefit = combined(n, |i| k * inputs[0][i] - inputs[1][i]);
                let p1 = value_of(&inputs, &benefit, &[0]);
                assert_eq!(p1.smoother, Smoother::Spline { functions: 20 });
                agrees(&p1, first, most);
                agrees(&value_of(&inputs, &benefit, &[1]), second, most);
                let group = value_of(&inputs, &benefit, &[1, 0, 1]);
                agrees(&group, both, most);
                // Knowing both parameters is perfect information, so the EVPPI is the EVPI of the same draws.
                assert!((group.value - evpi(&benefit).unwrap().value).abs() < 1e-5);
            }
        }
    }

    /// Compares the jackknife standard error with the standard deviation of estimates from independent sets of draws.
    #[test]
    fn the_jackknife_states_the_spread_of_repeated_estimates() {
        let mut numbers = Numbers(7);
        let (n, repetitions) = (1000, 60);
        let (mut values, mut stated) = (Vec::new(), 0.0);
        for _ in 0..repetitions {
            let inputs = [numbers.normals(n, 1.0, 1.0), numbers.normals(n, 0.0, 2.0)];
            let benefit = combined(n, |i| inputs[0][i] - inputs[1][i]);
            let got = value_of(&inputs, &benefit, &[1]);
            values.push(got.value);
            stated += got.se.unwrap() / f64::from(repetitions);
        }
        let mean = mean(&values);
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let spread = sqrt(squares / f64::from(repetitions - 1));
        // The relative error of a standard deviation from 60 values is 1/√118, about 9 %.
        assert!((stated / spread - 1.0).abs() < 0.3, "{stated} {spread}");
        // The mean of the estimates must be close to the true EVPPI.
        let se = spread / sqrt(f64::from(repetitions));
        assert!((mean - 0.395_593_114_802_612_17).abs() < 3.0 * se + 0.004, "{mean} {se}");
    }

    /// NB2 = exp(a/2)·b − c². The expectation of NB2 given a is exp(a/2) − 1, and E max(0, exp(a/2) − 1) is e^{1/8}
    /// Φ(1/2) − 1/2.
    #[test]
    fn a_curve_agrees_with_its_closed_form_and_with_nested_monte_carlo() {
        let n = 10_000;
        let mut numbers = Numbers(5);
        let inputs =
            [numbers.normals(n, 0.0, 1.0), numbers.normals(n, 1.0, 0.5), numbers.normals(n, 0.0, 1.0)];
        let benefit_of = |a: f64, b: f64, c: f64| [0.0, exp(a / 2.0) * b - c * c, 0.5 * a * b - 0.2];
        let [a, b, c] = &inputs;
        let values: Vec<[f64; 3]> = (0..n).map(|i| benefit_of(a[i], b[i], c[i])).collect();
        let benefit: Vec<Vec<f64>> = (0..3).map(|s| values.iter().map(|v| v[s]).collect()).collect();
        let two = value_of(&inputs, &benefit[..2], &[0]);
        let want = exp(0.125) * normal::cdf(0.5) - 0.5 - (exp(0.125) - 1.0);
        agrees(&two, want, 0.02);

        // Nested Monte Carlo for three strategies with a and b known: an outer loop over a and b, and an inner loop
        // over c.
        let (outer, inner) = (2000, 400);
        let (mut best, mut sums) = (Vec::new(), [0.0; 3]);
        for _ in 0..outer {
            let a = numbers.normals(1, 0.0, 1.0)[0];
            let b = numbers.normals(1, 1.0, 0.5)[0];
            let mut given = [0.0; 3];
            for c in numbers.normals(inner, 0.0, 1.0) {
                let values = benefit_of(a, b, c);
                (0..3).for_each(|s| given[s] += values[s] / inner as f64);
            }
            best.push(given.into_iter().fold(f64::MIN, f64::max));
            (0..3).for_each(|s| sums[s] += given[s] / outer as f64);
        }
        // Nested estimate of the EVPPI: mean of the largest conditional expectations minus the largest mean.
        let nested = mean(&best) - sums.into_iter().fold(f64::MIN, f64::max);
        let squares: f64 = best.iter().map(|v| (v - mean(&best)) * (v - mean(&best))).sum();
        let nested_se = sqrt(squares) / outer as f64;
        let got = value_of(&inputs, &benefit, &[0, 1]);
        let se = got.se.unwrap();
        assert!(se < 0.02, "{got:?}");
        assert!((got.value - nested).abs() < 3.0 * sqrt(se * se + nested_se * nested_se), "{got:?} {nested}");
    }

    /// NB2 = p1·p2 + noise: neither parameter has a value of information alone; the EVPPI of both together is
    /// E|p1·p2|/2 = 1/π.
    #[test]
    fn what_two_parameters_do_together_is_seen() {
        let n = 10_000;
        let mut numbers = Numbers(31);
        let inputs: Vec<Vec<f64>> = (0..4).map(|_| numbers.normals(n, 0.0, 1.0)).collect();
        let benefit = combined(n, |i| inputs[0][i] * inputs[1][i] + inputs[2][i]);
        for parameters in [vec![0, 1], vec![0, 1, 3]] {
            let got = value_of(&inputs, &benefit, &parameters);
            assert!(matches!(got.smoother, Smoother::Surface { products, .. } if products > 10));
            agrees(&got, std::f64::consts::FRAC_1_PI, 0.02);
        }
        for alone in [0, 1] {
            assert!(value_of(&inputs, &benefit, &[alone]).value < 0.02);
        }
        // The EVPPI of three parameters together is E|p1·p2·p3|/2, half the cube of √(2/π).
        let benefit = combined(n, |i| inputs[0][i] * inputs[1][i] * inputs[3][i]);
        let got = value_of(&inputs, &benefit, &[0, 1, 3]);
        let root = sqrt(std::f64::consts::FRAC_2_PI);
        agrees(&got, root * root * root / 2.0, 0.02);
    }

    /// EVPPI of an irrelevant parameter. The fitted slope is noise of about one standard error, which is estimated as a
    /// small value if the strategies have equal means (the worst case) and as none otherwise.
    #[test]
    fn noise_is_worth_almost_nothing() {
        let n = 5000;
        let mut numbers = Numbers(13);
        let inputs = [numbers.normals(n, 0.0, 1.0), numbers.normals(n, 0.0, 1.0)];
        for mean in [0.0, 0.2] {
            let benefit = combined(n, |i| mean + inputs[0][i]);
            let got = value_of(&inputs, &benefit, &[1]);
            // The standard deviation of the net benefit is 1, so the standard error of its mean is 1/√5000.
            assert!(got.value < if mean == 0.0 { 2.0 / sqrt(5000.0) } else { 1e-6 }, "{got:?}");
        }
    }

    #[test]
    fn a_few_values_need_no_smoothing() {
        let n = 3000;
        let mut numbers = Numbers(17);
        let kind: Vec<f64> = (0..n).map(|i| [-1.0, 0.0, 2.0][i % 3]).collect();
        let coin: Vec<f64> = (0..n).map(|i| f64::from(i % 2 == 0)).collect();
        let noise = numbers.normals(n, 0.0, 1.0);
        let inputs = [kind, coin, noise, vec![4.2; n]];
        let benefit = combined(n, |i| inputs[0][i] + inputs[2][i]);
        let got = value_of(&inputs, &benefit, &[0]);
        assert_eq!((got.smoother, got.edf), (Smoother::Means { values: 3 }, 3.0));
        agrees(&got, 1.0 / 3.0, 0.03);
        // Six equally likely combinations of kind and coin: one has an expected net benefit of 2, one of -1, and four
        // of 0.
        let benefit = combined(n, |i| inputs[0][i] * inputs[1][i] + inputs[2][i]);
        agrees(&value_of(&inputs, &benefit, &[0, 1]), 2.0 / 6.0 - 1.0 / 6.0, 0.03);
        // A parameter that does not vary has no value.
        let constant = value_of(&inputs, &benefit, &[3]);
        assert_eq!((constant.value, constant.se), (0.0, Some(0.0)));
        assert_eq!(constant.smoother, Smoother::Nothing);
        // Adding a parameter that does not vary to a group has no effect.
        assert_eq!(value_of(&inputs, &benefit, &[3, 0]), value_of(&inputs, &benefit, &[0]));
    }

    /// The second strategy is never worse than the first, so perfect information has no value. A smooth curve
    /// undershoots next to the step, which would lead to a positive estimate.
    #[test]
    fn more_than_the_value_of_perfect_information_is_flagged() {
        let n = 2000;
        let mut numbers = Numbers(19);
        let inputs = [numbers.normals(n, 0.0, 1.0)];
        let benefit = combined(n, |i| f64::from(inputs[0][i] > 0.0));
        let got = value_of(&inputs, &benefit, &[0]);
        assert!(got.above_evpi && got.value == 0.0, "{got:?}");
        let line = combined(n, |i| inputs[0][i]);
        assert!(!value_of(&inputs, &line, &[0]).above_evpi);
    }

    /// Parameters that are difficult to fit: shares that sum to one, the same parameter twice, and a very skewed
    /// parameter on a scale of 1e-9.
    #[test]
    fn awkward_parameters_are_fitted() {
        let n = 4000;
        let mut numbers = Numbers(23);
        let z = [numbers.normals(n, 0.0, 1.0), numbers.normals(n, 0.0, 1.0), numbers.normals(n, 0.0, 1.0)];
        let weight = |j: usize, i: usize| exp(z[j][i]);
        let sum = |i: usize| (0..3).map(|j| weight(j, i)).sum::<f64>();
        let mut inputs: Vec<Vec<f64>> =
            (0..3).map(|j| (0..n).map(|i| weight(j, i) / sum(i)).collect()).collect();
        let skewed: Vec<f64> = z[0].iter().map(|z| 1e-9 * exp(2.0 * z)).collect();
        inputs.extend([inputs[0].clone(), skewed]);
        let benefit = combined(n, |i| 3.0 * inputs[0][i] - 1.0 + z[1][i] * 0.1);
        let alone = value_of(&inputs, &benefit, &[0]);
        for parameters in [vec![0, 3], vec![0, 1, 2], vec![0, 1, 2, 3]] {
            let got = value_of(&inputs, &benefit, &parameters);
            assert!((got.value - alone.value).abs() < 0.02, "{got:?} {alone:?}");
        }
        // If a single parameter determines the net benefit exactly, EVPPI equals the EVPI of the same draws.
        let benefit = combined(n, |i| 1e9 * inputs[4][i] - 7.0);
        let got = value_of(&inputs, &benefit, &[4]);
        assert!((got.value / evpi(&benefit).unwrap().value - 1.0).abs() < 1e-4, "{got:?}");
    }

    #[test]
    fn large_groups_are_worth_what_their_sum_is_worth() {
        let n = 3000;
        let mut numbers = Numbers(29);
        let inputs: Vec<Vec<f64>> = (0..40).map(|_| numbers.normals(n, 0.0, 1.0)).collect();
        for size in [10, 40] {
            let parameters: Vec<usize> = (0..size).collect();
            let scale = 1.0 / sqrt(size as f64);
            let noise = numbers.normals(n, 0.0, 1.0);
            let benefit =
                combined(n, |i| inputs[..size].iter().map(|p| p[i]).sum::<f64>() * scale + noise[i]);
            let got = value_of(&inputs, &benefit, &parameters);
            // The scaled sum of the parameters is standard normal, so the EVPPI is φ(0).
            agrees(&got, normal::pdf(0.0), 0.03);
        }
    }

    #[test]
    fn the_bits_do_not_depend_on_the_number_of_threads() {
        let n = 1000;
        let mut numbers = Numbers(37);
        let inputs: Vec<Vec<f64>> = (0..5).map(|_| numbers.normals(n, 0.0, 1.0)).collect();
        let benefit: Vec<Vec<f64>> = (0..4)
            .map(|s| (0..n).map(|i| inputs[s][i] + 0.5 * inputs[4][i] * f64::from(s as u32)).collect())
            .collect();
        let groups: Vec<ParameterGroup> = [vec![0], vec![1], vec![0, 4], vec![0, 1, 2, 3, 4]]
            .into_iter()
            .map(|parameters| ParameterGroup::new("", parameters))
            .collect();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| evppi(&inputs, &benefit, &groups).unwrap())
        };
        assert_eq!(run(1), run(3));
    }

    #[test]
    fn what_cannot_be_fitted_is_refused_and_small_samples_have_no_standard_error() {
        let inputs = [vec![1.0, 2.0, 3.0]];
        let benefit = combined(3, |i| i as f64 - 1.0);
        let one = |parameters: &[usize]| [ParameterGroup::new("", parameters)];
        assert_eq!(evppi(&inputs, &benefit, &one(&[1])), Err(BadSamples::Index(1)));
        assert_eq!(evppi(&inputs, &benefit, &one(&[])), Err(BadSamples::Lengths));
        assert_eq!(evppi(&[vec![1.0]], &benefit, &one(&[0])), Err(BadSamples::Lengths));
        assert_eq!(evppi(&inputs, &[], &one(&[0])), Err(BadSamples::NoStrategies));
        let got = value_of(&inputs, &benefit, &[0]);
        assert_eq!(got.se, None);
        // EVPPI is zero for a single strategy, and for two strategies that are equal in every draw.
        for alone in [vec![vec![1.0, 5.0, 2.0]], vec![vec![1.0, 5.0, 2.0]; 2]] {
            assert_eq!(value_of(&inputs, &alone, &[0]).value, 0.0);
        }
    }
}
