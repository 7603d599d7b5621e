//! Units of time and families of curves, at the model's own numbers.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_core::model::{Expr, Function, Hazard, Model, TimeDistribution, situation};
use arcosim_scenario::parameters::Kind;
use arcosim_scenario::read::excel_numbers::{self, Convention};

/// What conversions may lose.
const CONVERSION: f64 = 1e-12;

pub static S07: Check = Check {
    id: "S07",
    title: "Rates and probabilities survive conversion there and back",
    why: "Each rate of the table is turned into a probability over a cycle and back, each probability into a rate and from there \
          to a cycle and back to its own period, and the number as written, times what its unit says, must be the number that \
          is used. A slip between months and years, or a probability that was divided by the number of cycles, moves every \
          event in time.",
    hint: "Compare the unit in the table with that of the source.",
    basis: "TECH-VER",
    quick: true,
    run: s07,
};

fn s07(subject: &Subject) -> Verdict {
    let model = subject.model;
    let cycle = 1.0 / model.time.cycles_per_year;
    let call = |f: Function, x: f64, years: f64| {
        let s = situation(model, &[], &[], 0);
        Expr::Call(f, vec![Expr::Number(x), Expr::Number(years)]).value(&s)
    };
    let mut tally = Tally::new("the same number after a conversion there and back", CONVERSION);
    for (row, &base) in subject.scenario.parameters.iter().zip(&subject.base) {
        match row.kind {
            Kind::Rate => {
                let p = call(Function::Prob, base, cycle);
                // Where nearly everybody has the event, its probability says little about the rate.
                if p < 0.999 {
                    let what = format!("rate `{}` after a probability per cycle", row.name);
                    tally.same(&row.name, &what, base, call(Function::Rate, p, cycle));
                }
            }
            Kind::Probability if base < 1.0 => {
                let period = row.period_years.unwrap_or(cycle);
                let rate = call(Function::Rate, base, period);
                let per_cycle = call(Function::Prob, rate, cycle);
                if per_cycle < 0.999 {
                    let again = call(Function::Rate, per_cycle, cycle);
                    let what = format!("probability `{}` after a probability per cycle", row.name);
                    tally.same(&row.name, &what, base, call(Function::Prob, again, period));
                }
            }
            _ => {}
        }
        // `1,234` may be read in two ways; such numbers are left to the reader.
        let plain = !row.written.contains([',', '%', '％', ' ']);
        if plain
            && row.factor != 1.0
            && let Ok(written) = excel_numbers::read(&row.written, Convention::Unknown)
        {
            let what = format!("`{}`, written as {} {}", row.name, row.written, row.unit);
            let due = written.value * row.factor;
            // What was written may have been set anew since.
            let used = match (due - base).abs() < (due - row.table_base).abs() {
                true => base,
                false => row.table_base,
            };
            tally.same(&row.name, &what, due, used);
        }
    }
    tally.verdict("the table has no rates and probabilities")
}

pub static S08: Check = Check {
    id: "S08",
    title: "Families of curves agree where one contains the other, and every curve only falls",
    why: "A Weibull of shape 1 is an exponential, a generalised gamma with Q = 1 is a Weibull, a gamma of shape 1 and a Gompertz of \
          shape 0 are exponentials. The model's own rates and curves are put into these families, and must give the same \
          cumulative hazard at every point up to the horizon; and no curve of the model may ever rise or end in no number.",
    hint: "Check the meaning of the curve's parameters: packages write the same family in different ways.",
    basis: "TECH-VER",
    quick: true,
    run: s08,
};

fn s08(subject: &Subject) -> Verdict {
    let mut tally =
        Tally::new("the same cumulative hazard from a family and from the one that contains it", 1e-10);
    for (row, &rate) in subject.scenario.parameters.iter().zip(&subject.base) {
        if row.kind == Kind::Rate && rate > 0.0 {
            exponentials(&mut tally, subject.model, &row.name, rate);
        }
    }
    curves(&mut tally, subject);
    tally.verdict("the model has neither rates nor curves")
}

/// Points in time at which curves are compared, in years.
fn points(model: &Model) -> Vec<f64> {
    let n = model.time.cycles;
    (1..=20).map(|i| model.time.years((n * i).div_ceil(20))).collect()
}

fn exponentials(tally: &mut Tally, model: &Model, name: &str, rate: f64) {
    use TimeDistribution::*;
    let scale = 1.0 / rate;
    let others = [
        ("a Weibull of shape 1", Weibull { shape: 1.0, scale }),
        ("a gamma of shape 1", Gamma { shape: 1.0, rate }),
        ("a Gompertz of shape 0", Gompertz { shape: 0.0, rate }),
    ];
    for t in points(model) {
        let due = Exponential { rate }.cumulative_hazard(t);
        for (words, other) in &others {
            // Survival of less than e^-20 has no digits left in families that are known by their survival.
            if due < 20.0 {
                let what = format!("the hazard by year {} of `{name}` as {words}", number(t));
                tally.same(name, &what, due, other.cumulative_hazard(t));
            }
        }
    }
}

fn curves(tally: &mut Tally, subject: &Subject) {
    use TimeDistribution::*;
    let model = subject.model;
    for transition in &model.transitions {
        let Hazard::Distribution { time, .. } = &transition.hazard else {
            continue;
        };
        let reads_patients = time
            .expressions()
            .into_iter()
            .any(|e| arcosim_core::model::hazard::Reads::of(e) != Default::default());
        if reads_patients {
            continue;
        }
        let own = time.evaluate(&situation(model, &subject.base, &[], 0));
        let mut last = 0.0;
        for t in points(model) {
            let h = own.cumulative_hazard(t);
            let fine = h >= last;
            tally.holds(&transition.name, fine, || {
                format!(
                    "the cumulative hazard of `{}` is {} by year {} after {}",
                    transition.name,
                    number(h),
                    number(t),
                    number(last)
                )
            });
            if fine {
                last = h;
            }
            if let Weibull { shape, scale } = own
                && h < 20.0
            {
                let (mu, sigma) = (arcosim_core::math::ln(scale), 1.0 / shape);
                let wider = GeneralisedGamma { mu, sigma, q: 1.0 }.cumulative_hazard(t);
                let what = format!(
                    "the hazard by year {} of `{}` as a generalised gamma with Q = 1",
                    number(t),
                    transition.name
                );
                tally.same(&transition.name, &what, h, wider);
            }
        }
    }
}
