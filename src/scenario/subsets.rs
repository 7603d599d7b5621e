//! Adds strategies to a scenario that use only some of the components of one strategy, so that the contribution of each component
//! can be calculated.

use crate::compile::strategies::{stated, with_originals};
use crate::read::document::{TomlNode, TomlTable, TomlValue};
use crate::schema::Key;
use crate::schema::keys::{run, scenario, strategy};

/// Subsets of the components of one strategy.
#[derive(Clone, Copy, Debug)]
pub struct ComponentSubsets<'s> {
    /// Name of the strategy.
    pub strategy: &'s str,
    /// Names of its components.
    pub components: &'s [String],
    /// For each subset, whether each component belongs to it.
    pub sets: &'s [Vec<bool>],
}

impl ComponentSubsets<'_> {
    /// Name of the strategy with the components of subset `i`.
    pub fn name(&self, i: usize) -> String {
        format!("ablation_subset_{i}")
    }
}

/// Adds one copy of the strategy for each subset, and selects these copies and the strategies that they need.
pub fn add(root: &mut TomlTable, subsets: &ComponentSubsets) {
    let Some(all) = root.table(scenario::STRATEGIES) else { return };
    let Some(uses) = stated(all, subsets.strategy, strategy::USES) else { return };
    let shares: Vec<TomlNode> =
        subsets.components.iter().map(|component| share(all, subsets.strategy, component, uses)).collect();
    let reference =
        all.entries.iter().find(|(_, node)| node.table().is_some_and(|t| t.flag(strategy::REFERENCE)));
    let reference = reference.or(all.entries.first()).map(|(name, _)| name.clone());
    let mut needed: Vec<String> = reference.into_iter().chain([subsets.strategy.to_string()]).collect();
    let mut i = 0;
    while i < needed.len() {
        let other =
            stated(all, &needed[i], strategy::OTHERWISE).and_then(|node| Some(node.text()?.to_string()));
        needed.extend(other.filter(|other| !needed.contains(other)));
        i += 1;
    }
    let text = |value: &str| TomlNode { value: TomlValue::Text(value.to_string()), ..uses.clone() };
    let table = |entries| TomlNode { value: TomlValue::Table(TomlTable { entries }), ..uses.clone() };
    let copies = subsets.sets.iter().enumerate().map(|(i, set)| {
        // Every component has its own share or the share 0, because a copy keeps the shares that it does not state.
        let users = subsets.components.iter().zip(&shares).zip(set).map(|((component, share), on)| {
            let none = TomlNode { value: TomlValue::Integer(Some(0)), ..share.clone() };
            (component.clone(), if *on { share.clone() } else { none })
        });
        let entries = vec![
            (strategy::LIKE.name.to_string(), text(subsets.strategy)),
            (strategy::USES.name.to_string(), table(users.collect())),
        ];
        (subsets.name(i), table(entries))
    });
    let copies: Vec<(String, TomlNode)> = copies.collect();
    let selected = needed.iter().chain(copies.iter().map(|(name, _)| name)).map(|name| text(name)).collect();
    let selection =
        (run::STRATEGIES.name.to_string(), TomlNode { value: TomlValue::List(selected), ..uses.clone() });
    put(root, scenario::STRATEGIES, copies);
    put(root, scenario::RUN, vec![selection]);
}

/// The share of users of a component in a strategy, which may be stated by a strategy that it copies; 1 for a component of a list.
fn share(all: &TomlTable, name: &str, component: &str, uses: &TomlNode) -> TomlNode {
    let everybody = TomlNode { value: TomlValue::Integer(Some(1)), ..uses.clone() };
    // Tables of shares are merged, and a list replaces what the original uses.
    let tables =
        with_originals(all, name).filter_map(|own| own.get(strategy::USES)).map_while(TomlNode::table);
    tables.flat_map(|shares| shares.entry(component)).next().cloned().unwrap_or(everybody)
}

/// Puts entries into a section, in place of entries with the same keys.
fn put(root: &mut TomlTable, section: Key, entries: Vec<(String, TomlNode)>) {
    let known = root.entries.iter_mut().find(|(name, _)| name == section.name);
    match known {
        Some((_, TomlNode { value: TomlValue::Table(table), .. })) => {
            table.entries.retain(|(name, _)| entries.iter().all(|(new, _)| new != name));
            table.entries.extend(entries);
        }
        _ => {
            let Some((_, first)) = entries.first() else { return };
            let node =
                TomlNode { value: TomlValue::Table(TomlTable { entries: entries.clone() }), ..first.clone() };
            root.entries.push((section.name.to_string(), node));
        }
    }
}
