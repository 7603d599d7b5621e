//! Shared by all tests: small handwritten models (here), the shipped scenarios, calls of the engines, and the program
//! in a separate folder.
#![allow(dead_code)]

pub mod agreement;
pub mod damage;
pub mod decision;
pub mod dice;
pub mod mutations;
pub mod program;
pub mod psa;
pub mod published;
pub mod readers;
pub mod shipped;
pub mod solve;
pub mod written;

use arcosim::model::*;

/// A number.
pub fn x(value: f64) -> Expr {
    Expr::Number(value)
}

/// Age at the start: normal, truncated.
pub fn age(mean: f64, sd: f64, within: (f64, f64)) -> Attribute {
    Attribute {
        name: "age".into(),
        label: "Age".into(),
        kind: AttributeKind::Continuous(AttributeDistribution {
            family: AttributeFamily::Normal { mean: x(mean), sd: x(sd) },
            within: Some(within),
        }),
    }
}

/// A categorical attribute.
pub fn categorical(name: &str, shares: &[(&str, f64)]) -> Attribute {
    Attribute {
        name: name.into(),
        label: name.into(),
        kind: AttributeKind::Categorical {
            categories: shares.iter().map(|s| s.0.to_string()).collect(),
            shares: shares.iter().map(|s| Share::Stated(x(s.1))).collect(),
        },
    }
}

/// A model under construction.
pub struct Builder {
    pub model: Model,
}

impl Builder {
    pub fn new(cycles: usize, cycles_per_year: f64, states: &[&str]) -> Builder {
        let states: Vec<State> = states
            .iter()
            .map(|s| State { name: s.to_string(), label: s.to_string(), absorbing: *s == "dead" })
            .collect();
        let groups = states
            .iter()
            .enumerate()
            .map(|(i, s)| Group {
                name: s.name.clone(),
                label: s.label.clone(),
                states: vec![i],
                counter: None,
            })
            .collect();
        Builder {
            model: Model::new(Structure {
                title: "test".into(),
                time: TimeGrid { cycles, cycles_per_year, moves: Moves::OnceACycle },
                parameters: Vec::new(),
                attributes: Vec::new(),
                states,
                groups,
                start: vec![(0, Share::Rest)],
                life_tables: Vec::new(),
                transitions: Vec::new(),
                strategies: Vec::new(),
                endpoints: Vec::new(),
                outcomes: Vec::new(),
                components: Vec::new(),
                rewards: Vec::new(),
                events: Vec::new(),
                shared_costs: Vec::new(),
                subgroups: Subgroups::default(),
            }),
        }
    }

    pub fn group(mut self, name: &str, states: &[usize]) -> Builder {
        self.model.groups.push(Group {
            name: name.into(),
            label: name.into(),
            states: states.to_vec(),
            counter: None,
        });
        self
    }

    pub fn attribute(mut self, attribute: Attribute) -> Builder {
        self.model.attributes.push(attribute);
        self
    }

    pub fn transition(
        mut self,
        name: &str,
        from: &[usize],
        to: usize,
        first: bool,
        hazard: Hazard,
    ) -> Builder {
        self.model.transitions.push(Transition {
            name: name.into(),
            label: name.into(),
            from: from.to_vec(),
            first,
            stated: matches!(hazard, Hazard::Probability(_) | Hazard::Complement),
            hazard,
            never: None,
            branches: vec![Branch { name: "to".into(), to: Some(to), share: Share::Rest }],
        });
        self
    }

    /// Splits the last transition: `share` of its firings go to `to` instead.
    pub fn branch(mut self, to: Option<usize>, share: f64) -> Builder {
        let last = self.model.transitions.last_mut().unwrap();
        last.branches.insert(0, Branch { name: "also".into(), to, share: Share::Stated(x(share)) });
        self
    }

    pub fn strategy(mut self, name: &str, effects: Vec<Effect>) -> Builder {
        let reference = self.model.strategies.is_empty();
        self.model.strategies.push(Strategy {
            name: name.into(),
            label: name.into(),
            reference,
            bound: false,
            evidence_until: None,
            hypothetical: false,
            eligible: x(1.0),
            otherwise: None,
            at_start: Vec::new(),
            effects,
            substitutions: Vec::new(),
        });
        self
    }

    pub fn endpoint(
        mut self,
        name: &str,
        enters: &[usize],
        competing: &[usize],
        since: Option<usize>,
    ) -> Builder {
        self.model.endpoints.push(Endpoint {
            name: name.into(),
            label: name.into(),
            free_label: name.into(),
            enters: enters.to_vec(),
            fires: Vec::new(),
            competing: competing.to_vec(),
            since,
        });
        self
    }
}

/// A yearly life table with Gompertz mortality for two sexes (attribute index 1) from age 0 to 100.
pub fn life_table() -> LifeTable {
    let rates = |level: f64| (0..=100).map(|a| level * (0.09 * a as f64).exp()).collect::<Vec<f64>>();
    LifeTable {
        name: "mortality".into(),
        by: vec![1],
        ages: (0..=100).map(f64::from).collect(),
        rates: vec![rates(4e-5), rates(2.5e-5)],
    }
}
