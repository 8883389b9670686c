//! Reading a whole routes file: every mistake at once, or routes that are ready for use.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::destination;
use super::expression::{Compiler, EvaluationLimits, on_deep_stack};
use super::fields::{Fields, list, map};
use super::mistake::{Mistake, Place, Report};
use super::model::{Destination, Route, Routes};
use super::route::{NamePlaces, Reader};
use super::yaml::{self, Key, Node};

pub(super) const KEYS: &[&str] = &["destinations", "routes"];

const MOST_FILE_BYTES: usize = 1 << 20;
const MOST_ROUTES: usize = 200;

/// Destinations by id; nothing in the place of one that has mistakes.
pub(super) type Declared = BTreeMap<String, Option<Arc<Destination>>>;

/// Reads a routes file with the usual limits of evaluation. `environment` looks up what stands as `${NAME}`;
/// `file_name` is for messages only.
///
/// # Errors
/// Every mistake of the file, in its order. Only a file that is no YAML gives a single one.
pub fn load(
    source: &str,
    file_name: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Routes, Vec<Mistake>> {
    load_with(
        &Compiler::new(EvaluationLimits::default()),
        source,
        file_name,
        environment,
    )
}

/// The same with a compiler of one's own, which may have other limits and can be used for many files.
///
/// # Errors
/// As [`load`].
pub fn load_with(
    compiler: &Compiler,
    source: &str,
    file_name: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Routes, Vec<Mistake>> {
    let mut report = Report::new(file_name, source);
    let start = Place {
        offset: 0,
        line: 1,
        column: 1,
    };
    if source.len() > MOST_FILE_BYTES {
        report.add(start, "the file is larger than 1 MiB");
        return Err(report.into_mistakes());
    }
    let properties = yaml::properties(source, environment);
    let checked = on_deep_stack(move || {
        let root = yaml::read(&mut report, properties);
        let routes = root.and_then(|root| check(&root, compiler, &mut report));
        let mistakes = report.into_mistakes();
        if mistakes.is_empty() {
            routes.ok_or(mistakes)
        } else {
            Err(mistakes)
        }
    });
    checked.unwrap_or_else(|error| {
        let mut report = Report::new(file_name, source);
        report.add(start, format!("the file could not be checked: {error}"));
        Err(report.into_mistakes())
    })
}

fn check(root: &Node, compiler: &Compiler, report: &mut Report) -> Option<Routes> {
    let fields = Fields::open(root, "the routes file", KEYS, &[], report)?;
    let destinations = fields.required("destinations", "the APIs that are called", report);
    let routes = fields.required(
        "routes",
        "which events become which calls; routes: [] for none",
        report,
    );
    let declared = destinations
        .map(|node| read_destinations(node, report))
        .unwrap_or_default();
    let routes = routes
        .map(|node| read_routes(node, compiler, &declared, report))
        .unwrap_or_default();
    let used: HashSet<&str> = routes
        .iter()
        .map(|route| route.destination.id.as_str())
        .collect();
    let mut warnings = Vec::new();
    for (key, _) in destinations
        .and_then(|node| map(node, "destinations:", report))
        .unwrap_or_default()
    {
        if !used.contains(key.name.as_str()) {
            warnings.push(report.describe(
                key.place,
                format!("no route goes to destination '{}'", key.name),
                None,
            ));
        }
    }
    let destinations = declared
        .into_iter()
        .filter_map(|(id, destination)| Some((id, destination?)))
        .collect();
    Some(Routes {
        compiler: compiler.clone(),
        destinations,
        routes,
        warnings,
    })
}

fn read_destinations(node: &Node, report: &mut Report) -> Declared {
    let entries: &[(Key, Node)] = map(node, "destinations:", report).unwrap_or_default();
    let mut declared = Declared::new();
    for (key, node) in entries {
        declared.insert(
            key.name.clone(),
            destination::read(key, node, report).map(Arc::new),
        );
    }
    declared
}

fn read_routes(
    node: &Node,
    compiler: &Compiler,
    declared: &Declared,
    report: &mut Report,
) -> Vec<Arc<Route>> {
    let nodes = list(node, "routes:", report).unwrap_or_default();
    if nodes.len() > MOST_ROUTES {
        report.add(
            node.place,
            format!("{} routes are more than {MOST_ROUTES}", nodes.len()),
        );
        return Vec::new();
    }
    let mut routes = Vec::new();
    let mut claimed = Vec::new();
    for node in nodes {
        let (route, names) = Reader {
            compiler,
            declared,
            report,
            reads: Vec::new(),
        }
        .read(node);
        routes.extend(route.map(Arc::new));
        claimed.push(names);
    }
    report_claims(&claimed, report);
    routes
}

/// A name may be claimed once, as a route's own or as an earlier one: two effects must never share a key.
fn report_claims(claimed: &[NamePlaces], report: &mut Report) {
    let mut first: HashMap<&str, Place> = HashMap::new();
    for (name, place) in claimed.iter().flatten() {
        match first.get(name.as_str()) {
            None => {
                first.insert(name, *place);
            }
            Some(earlier) => report.add_with_hint(
                *place,
                format!("the route name '{name}' is taken on line {}", earlier.line),
                "names, old ones under was: included, are part of effects' keys and used once",
            ),
        }
    }
}
