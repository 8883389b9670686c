//! Who waits is told, and doesn't only find out by looking again.

use ::store::tallies::{Counted, Tallies, Tally};
use events::Timestamp;

use crate::{EmbeddedStore, StoreSettings};

#[tokio::test]
async fn what_is_added_is_told_once_and_what_is_known_is_not() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store.sqlite");
    let store = EmbeddedStore::open(&path, StoreSettings::default()).expect("the file opens");
    let mut told = store.tallied().subscribe();
    let view = Tally {
        identity: "view_item:evt_1".into(),
        counted: Counted::ViewItem,
        at: Timestamp::from_millis(0),
        expires: Timestamp::from_millis(1),
        items: Vec::new(),
        order: None,
    };
    for is_new in [true, false] {
        store
            .tally(std::slice::from_ref(&view))
            .await
            .expect("tallied");
        assert_eq!(told.has_changed().expect("the store is open"), is_new);
        told.mark_unchanged();
    }
}
