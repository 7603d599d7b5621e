//! No circular imports in the engines or in the verification: every file can be read with only the files below it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Modules by path (`cohort::cells`), each with the modules that it imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// Collects every source file below `folder` as a module of its package; `above` is the module path of `folder`.
fn sources(folder: &Path, above: &[String], into: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        let stem = path.file_stem().and_then(|s| s.to_str()).expect("a name").to_string();
        if path.is_dir() {
            sources(&path, &[above, &[stem]].concat(), into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let module = match stem.as_str() {
                "mod" | "lib" => above.join("::"),
                _ => [above, &[stem]].concat().join("::"),
            };
            let text = std::fs::read_to_string(&path).expect("a source file");
            // Unit tests are removed, because they may import from any module.
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let code: String =
                code.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            into.insert(module, code);
        }
    }
}

/// The `use` statements of a file: whether the statement re-exports names, and the text between `use` and the
/// semicolon.
fn use_statements(code: &str) -> Vec<(bool, String)> {
    let mut all: Vec<(bool, String)> = Vec::new();
    let mut open = false;
    for line in code.lines() {
        let line = line.trim();
        if !open {
            let (visibility, tree) = match line.split_once("use ") {
                Some((visibility, tree)) if visibility.is_empty() || visibility.starts_with("pub") => {
                    (visibility, tree)
                }
                _ => continue,
            };
            all.push((!visibility.is_empty(), tree.to_string()));
        } else if let Some((_, tree)) = all.last_mut() {
            tree.push_str(line);
        }
        open = !line.ends_with(';');
    }
    all.into_iter().map(|(public, tree)| (public, tree.trim_end_matches(';').to_string())).collect()
}

/// All paths in the tree of a `use` statement.
fn paths(prefix: &str, tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let name = tree.split(" as ").next().unwrap_or_default().trim();
        return vec![format!("{prefix}{name}")];
    };
    let prefix = format!("{prefix}{}", &tree[..open]);
    let inner = &tree[open + 1..tree.rfind('}').expect("a closing brace")];
    let (mut depth, mut start, mut all) = (0, 0, Vec::new());
    for (i, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                all.extend(paths(&prefix, &inner[start..i]));
                start = i + 1;
            }
            _ => {}
        }
    }
    if !inner[start..].trim().is_empty() {
        all.extend(paths(&prefix, &inner[start..]));
    }
    all
}

/// The module to which a path of a `use` statement in module `from` refers; `None` if it is not one of `modules`.
fn target(from: &str, path: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    let mut own: Vec<&str> = from.split("::").filter(|part| !part.is_empty()).collect();
    let mut parts = path.split("::").peekable();
    match *parts.peek()? {
        "crate" => {
            own.clear();
            parts.next();
        }
        "self" => drop(parts.next()),
        "super" => {
            while parts.next_if_eq(&"super").is_some() {
                own.pop();
            }
        }
        // The path may begin with a submodule of the current module; any other path refers to another package.
        first if modules.contains_key(&[&own[..], &[first]].concat().join("::")) => {}
        _ => return None,
    }
    own.extend(parts);
    (0..=own.len()).rev().map(|n| own[..n].join("::")).find(|module| modules.contains_key(module))
}

/// Imports of each module below `part` of the package in `folder`. A module that re-exports names of its own
/// submodules (`pub use`) does not count as dependent on them.
fn imports(folder: &str, part: &str) -> Imports {
    let mut modules = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    sources(&root, &[], &mut modules);
    let within = |module: &str| part.is_empty() || module == part || module.starts_with(&format!("{part}::"));
    let mut all = Imports::new();
    for (module, code) in modules.iter().filter(|(module, _)| within(module)) {
        let mut needs = BTreeSet::new();
        for (public, tree) in use_statements(code) {
            for path in paths("", &tree) {
                let Some(other) = target(module, &path, &modules) else { continue };
                let own_submodule = module.is_empty() || other.starts_with(&format!("{module}::"));
                if other != *module && within(&other) && !(public && own_submodule) {
                    needs.insert(other);
                }
            }
        }
        all.insert(module.clone(), needs);
    }
    all
}

/// Modules in import circles: the rest after repeated removal of modules that import none of the others.
fn in_circles(mut imports: Imports) -> Vec<String> {
    loop {
        let free: Vec<String> =
            imports.iter().filter(|(_, needs)| needs.is_empty()).map(|(module, _)| module.clone()).collect();
        if free.is_empty() {
            return imports.into_keys().collect();
        }
        for module in free {
            imports.remove(&module);
            for needs in imports.values_mut() {
                needs.remove(&module);
            }
        }
    }
}

#[test]
fn the_engines_have_no_import_circle() {
    let imports = imports("src/core", "engine");
    assert!(imports.len() > 20, "{} files were found", imports.len());
    assert!(imports.values().any(|needs| needs.len() > 3), "imports were read");
    assert_eq!(in_circles(imports), Vec::<String>::new());
}

#[test]
fn the_verification_has_no_import_circle() {
    let imports = imports("src/verify", "");
    assert!(imports.len() > 60, "{} files were found", imports.len());
    assert!(imports.values().any(|needs| needs.len() > 3), "imports were read");
    assert_eq!(in_circles(imports), Vec::<String>::new());
}

#[test]
fn a_circle_would_be_found() {
    let one = |needs: &str| BTreeSet::from([needs.to_string()]);
    let circle = Imports::from([("a".into(), one("b")), ("b".into(), one("a")), ("c".into(), one("a"))]);
    assert_eq!(in_circles(circle), ["a", "b", "c"]);
}
