//! Schema of scenario files: all keys ([`keys`]) and the shapes of their values. It is used by the check of keys and
//! types ([`check`]), the JSON Schema for editors, the merging of overlays, the comparison of scenarios and the
//! search for unused declarations.

pub mod check;
pub mod json;
pub mod keys;
pub mod unread;

use crate::read::document::{TomlNode, TomlValue};

/// Shape of the value of a key.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Free text for readers, which is not a reference to another part and does not change results.
    Text,
    /// Literal text that is not a reference to another part, such as a unit, a percentage or a row heading.
    Term,
    /// Name of another part of the scenario, or of a file.
    Name,
    /// A number.
    Number,
    /// A whole number that is not negative.
    Count,
    /// `true` or `false`.
    Flag,
    /// A length of time such as "6 months".
    Duration,
    /// A length of time, or this word.
    DurationOr(&'static str),
    /// An expression, written as text or as a plain number.
    Expression,
    /// An expression, or the word "rest".
    Share,
    /// One of the listed words.
    Word(&'static [&'static str]),
    /// A list of values of one shape.
    List(&'static Shape),
    /// A list of exactly this many numbers.
    Numbers(usize),
    /// A table with the keys of a section.
    Table(&'static Section),
    /// A table whose keys are names chosen by the scenario, with values of one shape.
    Named(&'static Shape),
    /// One of several shapes, which differ in their TOML type so that a value matches only one of them.
    Any(&'static [Shape]),
}

/// A table with known keys.
#[derive(Debug)]
pub struct Section {
    /// Noun for the section in messages, such as "a transition".
    pub title: &'static str,
    /// Known keys of the section.
    pub keys: &'static [Key],
    /// Shape of the values of further keys, for sections in which the scenario chooses names of keys.
    pub others: Option<&'static Shape>,
    /// Keys of which exactly one must be present. In an overlay, one of these keys removes the others of the base.
    pub one_of: &'static [Key],
    /// Mutually exclusive keys, of which one is required only with some of the keys in `one_of`. In an overlay, one
    /// of these keys removes the others of the base.
    pub occasions: &'static [Key],
    /// Keys that add details to one of the exclusive keys, and are removed together with it.
    pub companions: &'static [Key],
}

/// One key of a section.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Name of the key.
    pub name: &'static str,
    /// Shape of the value of the key.
    pub shape: Shape,
    /// Whether the key is required.
    pub required: bool,
    /// Whether the comparison of two scenarios lists the key. Keys that do not change results are not listed, and
    /// neither are the keys of parameters, which are compared as numbers.
    pub compared: bool,
    /// Description of the key in one line, shown by editors.
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

/// Newest value of `format` that this version reads.
pub const FORMAT: u64 = 1;

/// Shape of one name or a list of names.
const NAMES: Shape = Shape::Any(&[Shape::Name, Shape::List(&Shape::Name)]);

/// Shape of the whole scenario file.
pub static FILE: Shape = Shape::Table(&keys::scenario::SECTION);

impl Key {
    const fn not_compared(self) -> Key {
        Key { compared: false, ..self }
    }
}

impl Section {
    /// The key with this name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// Names of keys, for messages.
pub fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}

/// Whether one of the keys has this name.
pub fn is_among(keys: &[Key], name: &str) -> bool {
    keys.iter().any(|key| key.name == name)
}

impl Shape {
    /// Whether a value has the TOML type of this shape.
    pub fn fits(&self, node: &TomlNode) -> bool {
        match self {
            Shape::Text
            | Shape::Term
            | Shape::Name
            | Shape::Word(_)
            | Shape::Duration
            | Shape::DurationOr(_) => node.text().is_some(),
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

    /// The shape that applies to a value: of several alternatives, the one with the TOML type of the value.
    pub fn of(&'static self, node: &TomlNode) -> &'static Shape {
        match self {
            Shape::Any(shapes) => shapes.iter().find(|shape| shape.fits(node)).unwrap_or(self),
            _ => self,
        }
    }

    /// Shape of the values in a table of this shape.
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
