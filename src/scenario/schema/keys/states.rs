//! `[states]`, `[groups]` and `[endpoints]`.

use super::*;

pub mod state {
    use super::*;

    pub const ABSORBING: Key = optional("absorbing", Shape::Flag, "Whether nobody leaves it; default false.");
    pub const SECTION: Section = section("a state", &[LABEL, ABSORBING]);
}

pub mod group {
    use super::*;

    pub const STATES: Key = optional("states", Shape::List(&Shape::Name), "Its states.");
    pub const EXCEPT: Key = optional("except", Shape::List(&Shape::Name), "All states but these.");
    pub const SECTION: Section = Section {
        title: "a group",
        keys: &[LABEL, STATES, EXCEPT],
        others: None,
        one_of: &[STATES, EXCEPT],
        occasions: &[],
        companions: &[],
    };
}

pub mod endpoint {
    use super::*;

    pub const LABEL: Key = optional("label", Shape::Text, "Label of the event.");
    pub const FREE: Key = optional("free", Shape::Text, "Label of being free of it, for the survival curve.");
    pub const ENTERS: Key = optional("enters", NAMES, "Entering one of these states or groups is the event.");
    pub const FIRES: Key =
        optional("fires", NAMES, "A firing of one of these transitions is the event, wherever it leads.");
    pub const COMPETING: Key =
        optional("competing", NAMES, "Entering one of these ends the time at risk without the event.");
    pub const SINCE: Key = optional("since", Shape::Name, "Time counts from entry into this state or group.");
    pub const SECTION: Section = section("an endpoint", &[LABEL, FREE, ENTERS, FIRES, COMPETING, SINCE]);
}
