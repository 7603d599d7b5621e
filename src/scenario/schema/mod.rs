//! The declaration of scenario files: which keys there are ([`keys`]) and what their values may be. The check of keys
//! and types ([`check`]), the JSON Schema for editors, the merging of overlays, the list of keys by which scenarios are
//! compared and the search for unused declarations all ask this declaration.

pub mod check;
pub mod json;
pub mod keys;
pub mod unread;

use crate::read::document::{TomlNode, TomlValue};

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Text for people: it refers to nothing, and changes no result.
    Text,
    /// Text that is read literally (a unit, a percentage, the heading of rows): it refers to nothing.
    Term,
    /// The name of something else in the scenario, or of a file.
    Name,
    /// A number.
    Number,
    /// A whole number, not negative.
    Count,
    /// `true` or `false`.
    Flag,
    /// A length of time such as "6 months".
    Duration,
    /// An expression: text, or a plain number.
    Expression,
    /// An expression, or the word "rest".
    Share,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of values of one shape.
    List(&'static Shape),
    /// Exactly so many numbers.
    Numbers(usize),
    /// A table with these keys.
    Table(&'static Section),
    /// A table whose keys are names that the scenario chooses.
    Named(&'static Shape),
    /// Any of these; alternatives differ in their TOML type, so that a value can match one only.
    Any(&'static [Shape]),
}

/// A table with known keys.
#[derive(Debug)]
pub struct Section {
    /// How a message calls it: "a transition".
    pub title: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
    /// The shape of keys that the scenario names itself, where the section takes such keys too.
    pub others: Option<&'static Shape>,
    /// Keys of which exactly one must be given. In an overlay, one of them displaces the base's.
    pub one_of: &'static [Key],
    /// Keys that exclude each other, and of which one is wanted with some of the former only. Displaced likewise.
    pub occasions: &'static [Key],
    /// Keys that say more about one of these, and are displaced with it.
    pub companions: &'static [Key],
}

/// One key of a section.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Name.
    pub name: &'static str,
    /// What its value may be.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// Whether a comparison of two scenarios lists it. Keys that change no result are not listed, nor are those of
    /// parameters, which are compared as numbers.
    pub compared: bool,
    /// One line for people, shown by editors.
    pub about: &'static str,
}

const fn optional(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, required: false, compared: true, about }
}

const fn required(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, required: true, compared: true, about }
}

const fn section(title: &'static str, keys: &'static [Key]) -> Section {
    Section { title, keys, others: None, one_of: &[], occasions: &[], companions: &[] }
}

/// The newest `format` that this version reads.
pub const FORMAT: u64 = 1;

/// One name or a list of names.
const NAMES: Shape = Shape::Any(&[Shape::Name, Shape::List(&Shape::Name)]);

/// The whole scenario file, as a value.
pub static FILE: Shape = Shape::Table(&keys::scenario::SECTION);

impl Key {
    const fn not_compared(self) -> Key {
        Key { compared: false, ..self }
    }
}

impl Section {
    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// The names of keys, for messages.
pub fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}

/// Whether a key of that name is among these.
pub fn is_among(keys: &[Key], name: &str) -> bool {
    keys.iter().any(|key| key.name == name)
}

impl Shape {
    /// Whether a value has the TOML type that the shape wants.
    pub fn fits(&self, node: &TomlNode) -> bool {
        match self {
            Shape::Text | Shape::Term | Shape::Name | Shape::Word(_) | Shape::Duration => {
                node.text().is_some()
            }
            Shape::Expression | Shape::Share => node.text().is_some() || node.number().is_some(),
            Shape::Number => node.number().is_some(),
            Shape::Count => matches!(node.value, TomlValue::Integer(_)),
            Shape::Flag => matches!(node.value, TomlValue::Flag(_)),
            Shape::List(_) => matches!(node.value, TomlValue::List(_)),
            Shape::Numbers(n) => {
                node.items().len() == *n && node.items().iter().all(|i| i.number().is_some())
            }
            Shape::Table(_) | Shape::Named(_) => node.table().is_some(),
            Shape::Any(shapes) => shapes.iter().any(|shape| shape.fits(node)),
        }
    }

    /// The shape by which a value is read: of alternatives, the one that it has the type of.
    pub fn of(&'static self, node: &TomlNode) -> &'static Shape {
        match self {
            Shape::Any(shapes) => shapes.iter().find(|shape| shape.fits(node)).unwrap_or(self),
            _ => self,
        }
    }

    /// The shape of the values in a table of this shape.
    pub fn under(&self, key: &str) -> Option<&'static Shape> {
        match self {
            Shape::Table(section) => section.key(key).map(|key| &key.shape).or(section.others),
            Shape::Named(each) => Some(each),
            _ => None,
        }
    }

    /// The alternative that is a table, if there is one.
    pub fn as_table(&'static self) -> Option<&'static Shape> {
        match self {
            Shape::Table(_) | Shape::Named(_) => Some(self),
            Shape::Any(shapes) => shapes.iter().find_map(Shape::as_table),
            _ => None,
        }
    }

    /// Whether a value of this shape may be a table.
    pub fn takes_tables(&self) -> bool {
        match self {
            Shape::Table(_) | Shape::Named(_) => true,
            Shape::List(Shape::Table(_)) => true,
            Shape::Any(shapes) => shapes.iter().any(Shape::takes_tables),
            _ => false,
        }
    }

    /// Whether a value of this shape may be a list of names.
    pub fn takes_names(&self) -> bool {
        match self {
            Shape::List(Shape::Name) => true,
            Shape::Any(shapes) => shapes.iter().any(Shape::takes_names),
            _ => false,
        }
    }
}
