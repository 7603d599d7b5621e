//! Keys of `[states]`, `[groups]` (of states) and `[endpoints]`.

use super::*;

pub mod state {
    use super::*;

    pub const ABSORBING: Key =
        optional("absorbing", Shape::Flag, "Whether patients cannot leave the state; default false.");
    pub const SECTION: Section = section("a state", &[LABEL, ABSORBING]);
}

pub mod group {
    use super::*;

    pub const STATES: Key = optional("states", Shape::List(&Shape::Name), "States of the group.");
    pub const EXCEPT: Key =
        optional("except", Shape::List(&Shape::Name), "States that are not part of the group.");
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
    pub const FREE: Key = optional("free", Shape::Text, "Label of event-free survival.");
    pub const ENTERS: Key = optional("enters", NAMES, "States or groups whose entry is the event.");
    pub const FIRES: Key = optional("fires", NAMES, "Transitions that are the event, whatever their target.");
    pub const COMPETING: Key =
        optional("competing", NAMES, "States or groups whose entry is a competing event.");
    pub const SINCE: Key = optional("since", Shape::Name, "State or group from whose entry time is counted.");
    pub const SECTION: Section = section("an endpoint", &[LABEL, FREE, ENTERS, FIRES, COMPETING, SINCE]);
}
