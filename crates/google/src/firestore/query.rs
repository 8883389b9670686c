//! Queries of one collection by one field, which need no index but those that Firestore makes by itself.

use firestore::gcloud_sdk::google::firestore::v1::structured_query::field_filter::Operator;
use firestore::gcloud_sdk::google::firestore::v1::structured_query::filter::FilterType;
use firestore::gcloud_sdk::google::firestore::v1::structured_query::{
    CollectionSelector, CompositeFilter, Direction, FieldFilter, FieldReference, Filter, Order,
    Projection, composite_filter,
};
use firestore::gcloud_sdk::google::firestore::v1::{Cursor, StructuredQuery, Value};

/// A document's name where a field's is asked for.
pub(super) const NAME: &str = "__name__";

/// All documents of a collection.
pub(super) fn all(collection: &str) -> StructuredQuery {
    StructuredQuery {
        from: vec![CollectionSelector {
            collection_id: collection.to_owned(),
            all_descendants: false,
        }],
        ..StructuredQuery::default()
    }
}

/// Those whose field compares so with the value.
pub(super) fn where_field(
    collection: &str,
    path: &str,
    operator: Operator,
    value: Value,
) -> StructuredQuery {
    StructuredQuery {
        r#where: Some(comparison(path, operator, value)),
        ..all(collection)
    }
}

/// Those whose field is at least `from` and below `below`, in the order of the field.
pub(super) fn where_between(
    collection: &str,
    path: &str,
    from: Value,
    below: Value,
) -> StructuredQuery {
    let both = CompositeFilter {
        op: composite_filter::Operator::And.into(),
        filters: vec![
            comparison(path, Operator::GreaterThanOrEqual, from),
            comparison(path, Operator::LessThan, below),
        ],
    };
    StructuredQuery {
        r#where: Some(Filter {
            filter_type: Some(FilterType::CompositeFilter(both)),
        }),
        order_by: ascending(path),
        ..all(collection)
    }
}

/// Only these fields of the documents; without any, their names and times alone.
pub(super) fn only<const N: usize>(paths: [&str; N]) -> Option<Projection> {
    let paths: &[&str] = if N == 0 { &[NAME] } else { &paths };
    Some(Projection {
        fields: paths.iter().copied().map(field).collect(),
    })
}

/// The least first.
pub(super) fn ascending(path: &str) -> Vec<Order> {
    vec![Order {
        field: Some(field(path)),
        direction: Direction::Ascending.into(),
    }]
}

/// The greatest first; of equal ones the document with the greatest name.
pub(super) fn descending(path: &str) -> Vec<Order> {
    let order = |path| Order {
        field: Some(field(path)),
        direction: Direction::Descending.into(),
    };
    vec![order(path), order(NAME)]
}

/// In the order of their names.
pub(super) fn by_name() -> Vec<Order> {
    ascending(NAME)
}

/// Goes on after the document that has these values in the fields that are ordered by.
pub(super) fn after(values: Vec<Value>) -> Option<Cursor> {
    Some(Cursor {
        values,
        before: false,
    })
}

fn comparison(path: &str, operator: Operator, value: Value) -> Filter {
    Filter {
        filter_type: Some(FilterType::FieldFilter(FieldFilter {
            field: Some(field(path)),
            op: operator.into(),
            value: Some(value),
        })),
    }
}

fn field(path: &str) -> FieldReference {
    FieldReference {
        field_path: path.to_owned(),
    }
}
