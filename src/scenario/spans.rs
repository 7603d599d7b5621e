//! Positions of the parts of a model in its files.

use crate::read::source::Span;

/// Where the parts of the model are declared, in the order of the model.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Spans {
    pub attributes: Vec<Span>,
    pub states: Vec<Span>,
    pub groups: Vec<Span>,
    pub transitions: Vec<Span>,
    /// What says how often each transition fires.
    pub hazards: Vec<Span>,
    /// Where each transition leads.
    pub targets: Vec<Span>,
    pub strategies: Vec<Span>,
    pub endpoints: Vec<Span>,
    pub outcomes: Vec<Span>,
    /// The rates of the discount of each outcome.
    pub discounts: Vec<Vec<Span>>,
    /// The amounts of the rewards.
    pub rewards: Vec<Span>,
    /// The first of the shares at the start.
    pub start: Option<Span>,
}
