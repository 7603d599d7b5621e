//! Positions in the scenario files at which the parts of a model are declared, for error messages.

use crate::read::source::Span;

/// Positions at which the parts of a model are declared; each list is in the order of the model.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Spans {
    pub attributes: Vec<Span>,
    pub states: Vec<Span>,
    pub groups: Vec<Span>,
    pub transitions: Vec<Span>,
    /// Key of each transition that defines its hazard, such as `rate` or `weibull`.
    pub hazards: Vec<Span>,
    /// Position of the value of `to` of each transition.
    pub targets: Vec<Span>,
    pub strategies: Vec<Span>,
    pub endpoints: Vec<Span>,
    pub outcomes: Vec<Span>,
    /// Discount rates of each outcome.
    pub discounts: Vec<Vec<Span>>,
    /// Amount (`per_year` or `once`) of each reward.
    pub rewards: Vec<Span>,
    /// `paid_by` of each cost that perspectives share.
    pub shared_costs: Vec<Span>,
    /// First entry of `[population.start]`.
    pub start: Option<Span>,
}
