//! What a commit changes of one document, gathered into one write.

use firestore::gcloud_sdk::google::firestore::v1::document_transform::FieldTransform;
use firestore::gcloud_sdk::google::firestore::v1::value::ValueType;
use firestore::gcloud_sdk::google::firestore::v1::{Value, Write};

use super::super::names::field_path;
use super::super::value::{Fields, map};
use super::super::write;

/// Changes of one document that leave everything else in it as it is.
#[derive(Debug)]
pub(super) struct Change {
    name: String,
    fields: Fields,
    paths: Vec<String>,
    transforms: Vec<FieldTransform>,
}

impl Change {
    /// Of the document of that full name; it is made if it isn't there.
    pub(super) fn of(name: String) -> Self {
        Self {
            name,
            fields: Fields::new(),
            paths: Vec::new(),
            transforms: Vec::new(),
        }
    }

    /// Sets a field inside maps. The segments are names as `names::escaped` makes them.
    pub(super) fn set(&mut self, segments: &[&str], value: Value) {
        self.paths.push(field_path(segments));
        put(&mut self.fields, segments, value);
    }

    /// Removes a field inside maps.
    pub(super) fn remove(&mut self, segments: &[&str]) {
        self.paths.push(field_path(segments));
    }

    /// Adds to a number. Several instances may do so at once: a sum is never read and written back.
    pub(super) fn add(&mut self, path: String, by: i64) {
        self.transforms.push(write::increment(path, by));
    }

    /// How many numbers are added to.
    pub(super) fn additions(&self) -> usize {
        self.transforms.len()
    }

    pub(super) fn into_write(self) -> Write {
        write::merge(self.name, self.fields, self.paths, self.transforms)
    }
}

fn put(fields: &mut Fields, segments: &[&str], value: Value) {
    let Some((first, rest)) = segments.split_first() else {
        return;
    };
    if rest.is_empty() {
        fields.insert((*first).to_owned(), value);
        return;
    }
    let entry = fields.entry((*first).to_owned());
    let entry = entry.or_insert_with(|| map(Fields::new()));
    if let Some(ValueType::MapValue(inner)) = &mut entry.value_type {
        put(&mut inner.fields, rest, value);
    }
}
