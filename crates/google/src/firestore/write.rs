//! Writes of a commit.

use firestore::gcloud_sdk::google::firestore::v1::document_transform::FieldTransform;
use firestore::gcloud_sdk::google::firestore::v1::document_transform::field_transform::TransformType;
use firestore::gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use firestore::gcloud_sdk::google::firestore::v1::write::Operation;
use firestore::gcloud_sdk::google::firestore::v1::{Document, DocumentMask, Precondition, Write};
use firestore::gcloud_sdk::prost_types;

use super::value::{Fields, integer};

/// Makes a document; the commit fails if it is there already.
pub(super) fn create(name: String, fields: Fields) -> Write {
    Write {
        current_document: Some(condition(ConditionType::Exists(false))),
        ..replace(name, fields)
    }
}

/// Makes a document, or puts it in the place of the one that is there.
pub(super) fn replace(name: String, fields: Fields) -> Write {
    Write {
        operation: Some(Operation::Update(Document {
            name,
            fields,
            ..Document::default()
        })),
        ..Write::default()
    }
}

/// Puts a document in the place of the one that was read; the commit fails if it was changed since.
pub(super) fn replace_unchanged(
    name: String,
    fields: Fields,
    update_time: prost_types::Timestamp,
) -> Write {
    Write {
        current_document: Some(condition(ConditionType::UpdateTime(update_time))),
        ..replace(name, fields)
    }
}

/// Sets the fields of `paths` (those that are not in `fields` are removed), applies the transforms, and leaves everything
/// else as it is. Makes the document if it isn't there.
pub(super) fn merge(
    name: String,
    fields: Fields,
    paths: Vec<String>,
    transforms: Vec<FieldTransform>,
) -> Write {
    Write {
        update_mask: Some(DocumentMask { field_paths: paths }),
        update_transforms: transforms,
        ..replace(name, fields)
    }
}

/// Sets the fields of `paths` and leaves everything else as it is; the commit fails if the document isn't there.
pub(super) fn amend(name: String, fields: Fields, paths: Vec<String>) -> Write {
    Write {
        current_document: Some(condition(ConditionType::Exists(true))),
        ..merge(name, fields, paths, Vec::new())
    }
}

/// Sets the fields of `paths` of the document that was read and leaves everything else as it is; the commit fails if it was
/// changed since.
pub(super) fn amend_unchanged(
    name: String,
    fields: Fields,
    paths: Vec<String>,
    update_time: prost_types::Timestamp,
) -> Write {
    Write {
        current_document: Some(condition(ConditionType::UpdateTime(update_time))),
        ..merge(name, fields, paths, Vec::new())
    }
}

/// Removes the document that was read; the commit fails if it was changed since.
pub(super) fn delete_unchanged(name: String, update_time: prost_types::Timestamp) -> Write {
    Write {
        current_document: Some(condition(ConditionType::UpdateTime(update_time))),
        ..delete(name)
    }
}

/// Removes a document if it is there.
pub(super) fn delete(name: String) -> Write {
    Write {
        operation: Some(Operation::Delete(name)),
        ..Write::default()
    }
}

/// Adds to the number of a field; one that isn't there counts as zero. Firestore stops at the ends of 64 bits instead of
/// failing.
pub(super) fn increment(path: String, by: i64) -> FieldTransform {
    FieldTransform {
        field_path: path,
        transform_type: Some(TransformType::Increment(integer(by))),
    }
}

fn condition(condition: ConditionType) -> Precondition {
    Precondition {
        condition_type: Some(condition),
    }
}
