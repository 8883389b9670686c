//! Reading one route of the routes file, its expressions compiled.

use std::sync::Arc;
use std::time::Duration;

use super::event_read::{EventRead, from_event};
use super::expression::{Compiler, Expression, ExpressionMistake, Names, is_taken};
use super::fields::{Fields, IDENTIFIER_HINT, is_identifier, list, map, text};
use super::header;
use super::load::Declared;
use super::mistake::{Place, Report};
use super::model::{Destination, Each, Method, Mode, Route};
use super::suggestion::did_you_mean;
use super::text_place::locate;
use super::yaml::{Content, Node};

pub(super) const KEYS: &[&str] = &[
    "name", "was", "when", "to", "each", "method", "path", "query", "headers", "body", "max_age",
    "mode",
];
pub(super) const EACH_KEYS: &[&str] = &["in", "as", "key"];

const METHODS: &[(&str, Method)] = &[
    ("POST", Method::Post),
    ("PUT", Method::Put),
    ("PATCH", Method::Patch),
    ("DELETE", Method::Delete),
    ("GET", Method::Get),
];
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads routes; holds what all of them need.
pub(super) struct Reader<'a, 'b> {
    pub(super) compiler: &'a Compiler,
    pub(super) declared: &'a Declared,
    pub(super) report: &'a mut Report<'b>,
    /// What the route's expressions read.
    pub(super) reads: Vec<EventRead>,
}

/// A route's own name and its earlier ones, each with its place.
pub(super) type NamePlaces = Vec<(String, Place)>;

impl Reader<'_, '_> {
    /// The route, as far as it can be read, and all names it claims.
    pub(super) fn read(&mut self, node: &Node) -> (Option<Route>, NamePlaces) {
        let Some(fields) = Fields::open(node, "a route", KEYS, &[], self.report) else {
            return (None, Vec::new());
        };
        let names = self.read_names(&fields);
        (self.read_rest(&fields, &names), names)
    }

    fn read_names(&mut self, fields: &Fields) -> NamePlaces {
        fields.required(
            "name",
            "a name that stays for good; it is part of every effect's key",
            self.report,
        );
        let mut names: NamePlaces = Vec::new();
        names.extend(
            fields
                .text("name", self.report)
                .map(|(name, place)| (name.to_owned(), place)),
        );
        if let Some(node) = fields.get("was") {
            for node in list(node, "was:", self.report).unwrap_or_default() {
                names.extend(
                    text(node, "was:", self.report).map(|name| (name.to_owned(), node.place)),
                );
            }
        }
        for (name, place) in &names {
            if !is_identifier(name) {
                self.report.add_with_hint(
                    *place,
                    format!("'{name}' can't be a route's name"),
                    IDENTIFIER_HINT,
                );
            }
        }
        names
    }

    fn read_rest(&mut self, fields: &Fields, names: &NamePlaces) -> Option<Route> {
        let event = Names::event();
        fields.required(
            "when",
            "an expression; when: true for every event",
            self.report,
        );
        let when = fields
            .get("when")
            .and_then(|node| self.compile(node, &event, Expression::compile));
        let destination = self.read_destination(fields);
        let (each, names_in_call) = self.read_each(fields);
        let names_in_call = names_in_call.with_effect();
        let method = fields
            .choice("method", METHODS, self.report)
            .unwrap_or(Method::Post);
        let path = fields
            .get("path")
            .map(|node| self.compile(node, &names_in_call, Expression::compile_path));
        let query = self.read_map(fields, "query", &names_in_call);
        let headers = self.read_map(fields, "headers", &names_in_call);
        let body = fields
            .get("body")
            .map(|node| self.compile(node, &names_in_call, Expression::compile));
        if let (Method::Get, Some(node)) = (method, fields.get("body")) {
            self.report.add_with_hint(
                node.place,
                "a GET has no body",
                "use query:, or another method",
            );
        }
        let ages = (Duration::from_secs(1), 30 * DAY);
        let max_age = fields.duration("max_age", 7 * DAY, ages, self.report);
        let mode = self.read_mode(fields);
        let (name, was) = names.split_first()?;
        let each = each?;
        let reads = from_event(std::mem::take(&mut self.reads), each.as_ref());
        Some(Route {
            name: name.0.clone(),
            was: was.iter().map(|(name, _)| name.clone()).collect(),
            when: when?,
            destination: destination?,
            each,
            method,
            path: path.map_or(Some(None), |path| path.map(Some))?,
            query: query?,
            headers: headers?,
            body: body.map_or(Some(None), |body| body.map(Some))?,
            max_age,
            mode,
            reads,
        })
    }

    fn read_destination(&mut self, fields: &Fields) -> Option<Arc<Destination>> {
        fields.required("to", "the name of a destination", self.report)?;
        let (id, place) = fields.text("to", self.report)?;
        let declared = self.declared.get(id);
        if declared.is_none() {
            let known = self.declared.keys().map(String::as_str);
            let hint = match did_you_mean(id, known.clone()) {
                hint if hint.is_empty() => {
                    format!("destinations are {}", known.collect::<Vec<_>>().join(", "))
                }
                hint => hint,
            };
            self.report
                .add_with_hint(place, format!("there is no destination '{id}'"), hint);
        }
        // A destination with mistakes of its own has been reported.
        declared?.clone()
    }

    /// The `each`, if there is one (the outer option tells whether it could be read), and the names in the call.
    fn read_each(&mut self, fields: &Fields) -> (Option<Option<Each>>, Names) {
        let event = Names::event();
        let Some(node) = fields.get("each") else {
            return (Some(None), event);
        };
        let Some(fields) = Fields::open(node, "each", EACH_KEYS, &[], self.report) else {
            return (None, event);
        };
        let mut element = "item".to_owned();
        if let Some((name, place)) = fields.text("as", self.report) {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let starts =
                name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
            if starts && name.bytes().all(word) && !is_taken(name) {
                element = name.to_owned();
            } else {
                self.report.add_with_hint(
                    place,
                    format!("as: '{name}' can't name an element"),
                    "a plain word: item",
                );
            }
        }
        let names = event.clone().with_element(&element);
        fields.required(
            "in",
            "an expression that gives a list: event.data.items",
            self.report,
        );
        fields.required(
            "key",
            "what tells the elements apart: item.item_id",
            self.report,
        );
        let list = fields
            .get("in")
            .and_then(|node| self.compile(node, &event, Expression::compile));
        let key = fields
            .get("key")
            .and_then(|node| self.compile(node, &names, Expression::compile));
        let each = match (list, key) {
            (Some(list), Some(key)) => Some(Some(Each { list, element, key })),
            _ => None,
        };
        (each, names)
    }

    fn read_map(
        &mut self,
        fields: &Fields,
        name: &str,
        names: &Names,
    ) -> Option<Vec<(String, Expression)>> {
        let Some(node) = fields.get(name) else {
            return Some(Vec::new());
        };
        let mut expressions = Vec::new();
        let entries = map(node, &format!("{name}:"), self.report)?;
        for (key, node) in entries {
            if name == "headers" {
                header::check_name(&key.name, key.place, self.report);
            }
            let compiled = self.compile(node, names, Expression::compile);
            expressions.extend(compiled.map(|expression| (key.name.clone(), expression)));
        }
        (expressions.len() == entries.len()).then_some(expressions)
    }

    fn read_mode(&mut self, fields: &Fields) -> Mode {
        fields
            .choice(
                "mode",
                &[
                    ("live", Mode::Live),
                    ("shadow", Mode::Shadow),
                    ("paused", Mode::Paused),
                ],
                self.report,
            )
            .unwrap_or(Mode::Live)
    }

    fn compile(
        &mut self,
        node: &Node,
        names: &Names,
        compile: fn(&Compiler, &str, &Names) -> Result<Expression, Vec<ExpressionMistake>>,
    ) -> Option<Expression> {
        if matches!(node.content, Content::List(_) | Content::Map(_)) {
            let hint =
                "YAML takes it for its own list or map: put it in single quotes, or below a |";
            self.report
                .add_with_hint(node.place, "an expression is a text", hint);
            return None;
        }
        let source = text(node, "an expression", self.report)?;
        match compile(self.compiler, source, names) {
            Ok(expression) => {
                let reads = EventRead::of(&expression, node.place, self.report);
                self.reads.extend(reads);
                Some(expression)
            }
            Err(mistakes) => {
                for mistake in mistakes {
                    self.report_expression(node.place, source, mistake);
                }
                None
            }
        }
    }

    fn report_expression(&mut self, start: Place, source: &str, mistake: ExpressionMistake) {
        let (message, hint) = match mistake.message.split_once("; ") {
            Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
            None => (mistake.message.clone(), None),
        };
        let place = locate(self.report.source, source, start, &mistake);
        let message = match place {
            Some(_) => message,
            None => format!(
                "{message} (line {}, column {} of the expression)",
                mistake.line, mistake.column
            ),
        };
        match hint {
            Some(hint) => self
                .report
                .add_with_hint(place.unwrap_or(start), message, hint),
            None => self.report.add(place.unwrap_or(start), message),
        }
    }
}
