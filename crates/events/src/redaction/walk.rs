//! The way through an event: every text and every key, with the place it stands at.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::find::{find, replaced};
use super::keep::is_met;
use super::names::{PersonalData, is_identifier};
use super::place::Place;
use super::settings::{RedactionSettings, Treatment};
use super::{Redacted, Violation};

/// Places that are told, and their bytes together: what the sender reads must stay small whatever he sent.
const MOST_PLACES: usize = 100;
const MOST_PLACES_BYTES: usize = 8 << 10;

/// What is left of the kept paths that lead through a place.
pub(super) type Keep<'a> = Vec<&'a [String]>;

/// What the name of the member around a text says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Anything,
    Identifier,
    Phone,
}

pub(super) struct Walk<'a> {
    settings: &'a RedactionSettings,
    redacted: Redacted,
    refused: Vec<(String, PersonalData)>,
    refused_more: usize,
    told_bytes: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(settings: &'a RedactionSettings) -> Self {
        Self {
            settings,
            redacted: Redacted::default(),
            refused: Vec::new(),
            refused_more: 0,
            told_bytes: 0,
        }
    }

    /// Members beside the event's own.
    pub(super) fn top(&mut self, members: &mut Map<String, Value>) {
        self.members(members, &self.all_kept(), None);
    }

    /// The members of one of the event's own, unless it is kept whole.
    pub(super) fn object(&mut self, name: &str, members: &mut Map<String, Value>) {
        if let Some(keep) = below(&self.all_kept(), name) {
            self.members(members, &keep, Some(&Place::member(None, name)));
        }
    }

    /// One of the event's own members, unless it is kept whole.
    pub(super) fn value(&mut self, name: &str, value: &mut Value) {
        if let Some(keep) = below(&self.all_kept(), name) {
            let place = Place::member(None, name);
            self.named_value(value, &keep, Named::Anything, &place);
        }
    }

    fn members(
        &mut self,
        members: &mut Map<String, Value>,
        keep: &Keep<'a>,
        above: Option<&Place<'_>>,
    ) {
        for (old, new) in self.renamed(members, keep, above) {
            if let Some(value) = members.remove(&old) {
                members.insert(new, value);
            }
        }
        for (name, value) in members.iter_mut() {
            let Some(keep) = below(keep, name) else {
                continue;
            };
            let named = self.what_is_named(name);
            self.named_value(value, &keep, named, &Place::member(above, name));
        }
    }

    /// Everything that was replaced, or everything that is refused.
    pub(super) fn finish(self) -> Result<Redacted, Vec<Violation>> {
        if self.refused.is_empty() && self.refused_more == 0 {
            return Ok(self.redacted);
        }
        let told = self.refused.into_iter();
        let mut violations: Vec<Violation> = told
            .map(|(pointer, kind)| Violation::new(pointer, complaint(kind)))
            .collect();
        if self.refused_more > 0 {
            let more = self.refused_more;
            violations.push(Violation::new(
                "",
                format!("has {more} more places with personal data in clear"),
            ));
        }
        Err(violations)
    }

    fn all_kept(&self) -> Keep<'a> {
        self.settings.keep.iter().map(|path| path.steps()).collect()
    }

    fn named_value(&mut self, value: &mut Value, keep: &Keep<'a>, named: Named, place: &Place<'_>) {
        match value {
            Value::String(text) if named != Named::Identifier => self.text(text, named, place),
            Value::Array(elements) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    if let Some(keep) = below_index(keep, index) {
                        let place = Place::element(place, index);
                        self.named_value(element, &keep, named, &place);
                    }
                }
            }
            Value::Object(members) => self.members(members, keep, Some(place)),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn what_is_named(&self, name: &str) -> Named {
        let are_phones_left = self.settings.phone_numbers == Treatment::Off;
        if is_identifier(name) {
            Named::Identifier
        } else if !are_phones_left && PersonalData::named(name) == Some(PersonalData::PhoneNumber) {
            Named::Phone
        } else {
            Named::Anything
        }
    }

    fn text(&mut self, text: &mut String, named: Named, place: &Place<'_>) {
        let found = find(text, self.settings, named == Named::Phone);
        if found.is_empty() {
            return;
        }
        *text = replaced(text, &found, false);
        self.tell(place, found.iter().map(|found| found.kind));
    }

    /// Keys with personal data in them, and what they are called from now on: never a name that is there already.
    fn renamed(
        &mut self,
        members: &Map<String, Value>,
        keep: &Keep<'a>,
        above: Option<&Place<'_>>,
    ) -> Vec<(String, String)> {
        let mut renamed = Vec::new();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut given: HashSet<String> = HashSet::new();
        for name in members.keys() {
            let found = find(name, self.settings, false);
            if found.is_empty() || below(keep, name).is_none() {
                continue;
            }
            let base = replaced(name, &found, true);
            let number = numbers.entry(base.clone()).or_insert(0);
            let new = loop {
                *number += 1;
                let new = match *number {
                    1 => base.clone(),
                    number => format!("{base} {number}"),
                };
                if !members.contains_key(&new) && given.insert(new.clone()) {
                    break new;
                }
            };
            let place = Place::member(above, &new);
            self.tell(&place, found.iter().map(|found| found.kind));
            renamed.push((name.clone(), new));
        }
        renamed
    }

    /// Notes what becomes of kinds that were found at this place.
    fn tell(&mut self, place: &Place<'_>, kinds: impl Iterator<Item = PersonalData>) {
        let pointer = place.pointer();
        let (refused, replaced): (Vec<_>, Vec<_>) =
            kinds.partition(|kind| self.settings.treatment(*kind) == Treatment::Refuse);
        for kind in PersonalData::ALL
            .into_iter()
            .filter(|kind| refused.contains(kind))
        {
            let is_told = self
                .refused
                .last()
                .is_some_and(|(told_of, told)| *told_of == pointer && *told == kind);
            if is_told {
                continue;
            }
            match self.has_room(self.refused.len(), &pointer) {
                true => self.refused.push((pointer.clone(), kind)),
                false => self.refused_more += 1,
            }
        }
        for kind in &replaced {
            self.redacted.values[*kind as usize] += 1;
        }
        let is_told = self.redacted.pointers.last() == Some(&pointer);
        if replaced.is_empty() || is_told {
            return;
        }
        match self.has_room(self.redacted.pointers.len(), &pointer) {
            true => self.redacted.pointers.push(pointer),
            false => self.redacted.more += 1,
        }
    }

    fn has_room(&mut self, told: usize, pointer: &str) -> bool {
        let bytes = self.told_bytes + pointer.len();
        let has_room = told < MOST_PLACES && bytes <= MOST_PLACES_BYTES;
        if has_room {
            self.told_bytes = bytes;
        }
        has_room
    }
}

/// What is left of kept paths one step deeper; nothing if that place itself is kept.
fn below<'a>(keep: &Keep<'a>, name: &str) -> Option<Keep<'a>> {
    let mut left = Vec::new();
    for path in keep {
        match path.split_first() {
            Some((step, [])) if is_met(step, name) => return None,
            Some((step, rest)) if is_met(step, name) => left.push(rest),
            _ => {}
        }
    }
    Some(left)
}

fn below_index<'a>(keep: &Keep<'a>, index: usize) -> Option<Keep<'a>> {
    match keep.is_empty() {
        true => Some(Vec::new()),
        false => below(keep, &index.to_string()),
    }
}

fn complaint(kind: PersonalData) -> &'static str {
    match kind {
        PersonalData::Email => {
            "must hold no e-mail address in clear: leave it out, or send its SHA-256"
        }
        PersonalData::CardNumber => "must hold no card number: leave it out",
        PersonalData::PhoneNumber => {
            "must hold no phone number in clear: leave it out, or send its SHA-256"
        }
    }
}
