//! Finds keys and variables that are no settings, and what was probably meant.

use std::path::Path;

use serde_json::Value;

/// A sentence for each variable that names no setting.
pub(super) fn unknown_variables<'a>(
    defaults: &Value,
    variables: impl Iterator<Item = &'a String>,
) -> Vec<String> {
    let known: Vec<String> = leaves(defaults).iter().map(|path| variable(path)).collect();
    variables
        .filter(|name| !known.contains(&name.to_ascii_uppercase()))
        .map(|name| sentence("the environment variable", name, &known))
        .collect()
}

/// A sentence for each key of the file that is no setting.
pub(super) fn unknown_keys(defaults: &Value, written: &Value, file: &Path) -> Vec<String> {
    let known = leaves(defaults);
    let place = format!("in {}, the key", file.display());
    leaves(written)
        .iter()
        // A section that is present but empty is no fault.
        .filter(|path| {
            !known.contains(path)
                && !known
                    .iter()
                    .any(|leaf| leaf.starts_with(&format!("{path}.")))
        })
        .map(|path| sentence(&place, path, &known))
        .collect()
}

fn variable(path: &str) -> String {
    format!("TALARIA_{}", path.replace('.', "__").to_ascii_uppercase())
}

fn sentence(what: &str, name: &str, known: &[String]) -> String {
    if let Some(inner) = without_service(name).filter(|inner| known.contains(inner)) {
        return format!("{what} {name} is no setting: did you mean {inner}?");
    }
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, candidate)) if likeness > 0.8 => {
            format!("{what} {name} is no setting: did you mean {candidate}?")
        }
        _ => format!(
            "{what} {name} is no setting: remove it, or see config/local.yaml for those there are"
        ),
    }
}

/// The same name a level further out: a service by itself names its settings without its own name.
fn without_service(name: &str) -> Option<String> {
    match name.split_once("__") {
        Some((_, setting)) => Some(format!("TALARIA_{}", setting.to_ascii_uppercase())),
        None => name.split_once('.').map(|(_, key)| key.to_owned()),
    }
}

/// Paths of everything that is no object, with dots between the levels.
fn leaves(value: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(map) if !map.is_empty() || path.is_empty() => {
                for (key, child) in map {
                    let path = if path.is_empty() {
                        key.clone()
                    } else {
                        format!("{path}.{key}")
                    };
                    walk(child, &path, found);
                }
            }
            _ => found.push(path.to_owned()),
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}
