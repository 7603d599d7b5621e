//! Cells that nobody enters in a cycle: they only lose patients, which has a closed form.

use super::chain::{Alone, Chain, FAST, GENTLE, SLOW};
use super::discounts::DiscountStep;
use super::flow::Flow;
use super::system::Link;
use super::uniformisation::MOST_STEPS;

impl Flow {
    /// How each cell is solved. A cell that nobody enters in this cycle only loses patients, which has a closed form.
    pub(super) fn alone(&self, links: &[Link], steps: &[DiscountStep]) -> Vec<Alone> {
        let mut alone = vec![Alone::Slow; self.nodes.len()];
        links.iter().for_each(|link| alone[link.to] = Alone::No);
        let most =
            |n: usize| self.system.out[self.system.strata(n)].iter().fold(0.0, |most: f64, x| most.max(*x));
        let mut chain: f64 = 0.0;
        for (n, own) in alone.iter_mut().enumerate() {
            let rate = most(n);
            if *own == Alone::Slow && self.nodes[n].stretched.is_some() {
                *own = Alone::Stretched;
            }
            // The closed form holds for one part of a cycle with constant discounting.
            if steps.len() > 1 || *own == Alone::Slow && rate > SLOW && rate <= FAST {
                *own = Alone::No;
            } else if *own == Alone::Slow && rate > FAST {
                *own = Alone::Fast;
            }
            if *own == Alone::No {
                chain = chain.max(rate);
            }
        }
        if chain > GENTLE {
            // Fast outflows are approximated only where their timing within the cycle hardly matters.
            alone.iter_mut().filter(|own| **own == Alone::Fast).for_each(|own| *own = Alone::No);
            chain = (0..alone.len()).filter(|&n| alone[n] == Alone::No).map(most).fold(chain, f64::max);
        }
        if chain > MOST_STEPS {
            // The chain is run in several parts, which the closed form does not provide.
            alone.fill(Alone::No);
        }
        alone
    }

    /// Solves the cells that nobody enters, and adds their patients to the sources of the cells that they enter.
    pub(super) fn leave_alone(
        &mut self,
        links: &[Link],
        alone: &[Alone],
        chain: &mut Chain,
        steps: &[DiscountStep],
    ) {
        let Some(step) = steps.first() else { return };
        // With E = e^-out - 1 and D = e^-force - 1, the integral of e^-(out + force)s is -(E + D + E D) / (out + force).
        let fall = |force: &f64| crate::math::exp_m1(-force * step.length);
        let falls: Vec<f64> = step.forces.iter().map(fall).collect();
        self.stretch_rates(alone);
        // Links are in the order of the cells left.
        let mut links = links.iter().peekable();
        for (n, how) in alone.iter().enumerate().filter(|(_, how)| **how != Alone::No) {
            let strata = self.system.strata(n);
            while links.next_if(|link| link.from < n).is_some() {}
            if *how == Alone::Stretched {
                while let Some(link) = links.next_if(|link| link.from == n) {
                    self.leave_stretched(link, chain);
                }
                self.stay_stretched(strata, step);
                continue;
            }
            while let Some(link) = links.next_if(|link| link.from == n) {
                let (mass, out) = (&self.system.mass[strata.clone()], &self.system.out[strata.clone()]);
                let rates = &self.system.rates[link.rates..][..strata.len()];
                self.buffer.clear();
                self.buffer.extend(mass.iter().zip(rates).map(|(mass, rate)| mass * rate));
                let entered = self.system.strata(link.to);
                chain.add_source(entered, link.target, &mut self.buffer, out, *how);
            }
            let (mass, out) = (&mut self.system.mass[strata.clone()], &self.system.out[strata.clone()]);
            self.buffer.clear();
            match how {
                Alone::Slow => {
                    self.buffer.extend(out.iter().map(|out| crate::math::small_exp_m1(-out * step.length)))
                }
                _ => self.buffer.extend(out.iter().map(|out| crate::math::exp_m1(-out * step.length))),
            }
            let discounts = step.factors.iter().zip(&step.forces).zip(&falls);
            for (integral, ((&factor, &force), &fall)) in self.system.integrals.iter_mut().zip(discounts) {
                let each = integral[strata.clone()].iter_mut().zip(mass.iter().zip(out).zip(&self.buffer));
                for (integral, ((mass, out), less)) in each {
                    let total = out + force;
                    let worth = -(less + fall + less * fall) / total;
                    *integral = mass * factor * if total > 0.0 { worth } else { step.length };
                }
            }
            mass.iter_mut().zip(&self.buffer).for_each(|(mass, less)| *mass += *mass * less);
        }
    }

    /// Divides the rates of stretched exits by the stretch, so that the longer time in the cell leads to the same moves. The other exits
    /// act for the whole time, and their additional moves are taken from the stretched ones.
    fn stretch_rates(&mut self, alone: &[Alone]) {
        for arc in &self.arcs {
            if alone[arc.node] != Alone::Stretched || self.nodes[arc.node].stretched != Some(arc.set) {
                continue;
            }
            let strata = self.system.strata(arc.node);
            let rates = &mut self.system.rates[arc.rates..];
            for (rate, i) in rates.iter_mut().zip(strata) {
                let (stretch, others) = (self.system.stretch[i], self.system.others[i]);
                let own = self.system.out[i] - others;
                if own > 0.0 {
                    *rate *= ((own - (stretch - 1.0) * others) / (stretch * own)).max(0.0);
                }
            }
        }
    }

    /// Time in a stretched cell without discounting, relative to the patients at its start, and mean time of leaving.
    fn stretched(&self, i: usize) -> (f64, f64) {
        let out = self.system.out[i];
        let gone = -crate::math::exp_m1(-out);
        let time = self.system.stretch[i] * if out > 0.0 { gone / out } else { 1.0 };
        let leaving = if gone > 0.0 { ((time - (1.0 - gone)) / gone).clamp(0.0, 1.0) } else { 0.5 };
        (time, leaving)
    }

    /// Adds the patients who leave a stretched cell, at the mean time of leaving, to the source of the cell that they enter.
    fn leave_stretched(&self, link: &Link, chain: &mut Chain) {
        for (stratum, i) in self.system.strata(link.from).enumerate() {
            let (time, leaving) = self.stretched(i);
            let flow = self.system.mass[i] * time * self.system.rates[link.rates + stratum];
            let to = link.target.map_or(stratum, |target| target[stratum] as usize);
            chain.add_linear(self.system.starts[link.to] + to, flow, leaving);
        }
    }

    /// Patients of a stretched cell at the end of the cycle, and their time in it, discounted at its mean.
    fn stay_stretched(&mut self, strata: std::ops::Range<usize>, step: &DiscountStep) {
        for i in strata {
            let (time, leaving) = self.stretched(i);
            let gone = -crate::math::exp_m1(-self.system.out[i]);
            // Mean of s over the time in the cell, if patients leave with a density that is linear in s.
            let mean = (0.5 - gone * (1.0 / 3.0 - 0.5 * (leaving - 0.5))) / time.max(f64::MIN_POSITIVE);
            let each = self.system.integrals.iter_mut().zip(step.factors.iter().zip(&step.forces));
            for (integral, (factor, force)) in each {
                integral[i] =
                    self.system.mass[i] * time * factor * crate::math::exp(-force * mean.clamp(0.0, 1.0));
            }
            self.system.mass[i] *= 1.0 - gone;
        }
    }
}
