//! JSON Schema of a scenario file, generated from [`super::keys`], for editors with completion and checks while
//! typing.

use serde_json::{Map, Value, json};

use super::{FORMAT, Section, Shape, keys};

/// The JSON Schema (draft 2020-12). No key is required, because an overlay inherits the keys that it does not state;
/// `arcosim check` checks the merged scenario.
pub fn json_schema() -> Value {
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "arcosim scenario",
        "description": format!("A scenario of arcosim, format {FORMAT}."),
    });
    let Value::Object(keys) = section(&keys::scenario::SECTION) else {
        unreachable!("a section is an object")
    };
    root.as_object_mut().expect("an object").extend(keys);
    root
}

fn section(section: &Section) -> Value {
    let mut properties = Map::new();
    for key in section.keys {
        let mut value = shape(&key.shape);
        if let Some(object) = value.as_object_mut() {
            object.insert("description".into(), key.about.into());
        }
        properties.insert(key.name.into(), value);
    }
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": section.others.map_or(Value::Bool(false), shape),
    })
}

fn shape(wanted: &Shape) -> Value {
    match wanted {
        Shape::Text | Shape::Term | Shape::Name => json!({ "type": "string" }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Count => json!({ "type": "integer", "minimum": 0 }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Duration => {
            json!({ "type": "string", "pattern": "^\\s*[0-9]", "examples": ["6 months", "1 year"] })
        }
        Shape::DurationOr(word) => json!({ "anyOf": [shape(&Shape::Duration), { "enum": [word] }] }),
        Shape::Expression | Shape::Share => json!({ "type": ["string", "number"] }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::List(item) => json!({ "type": "array", "items": shape(item) }),
        Shape::Numbers(n) => {
            json!({ "type": "array", "items": { "type": "number" }, "minItems": n, "maxItems": n })
        }
        Shape::Table(inner) => section(inner),
        Shape::Named(inner) => json!({ "type": "object", "additionalProperties": shape(inner) }),
        Shape::Any(shapes) => json!({ "anyOf": shapes.iter().map(shape).collect::<Vec<_>>() }),
    }
}
