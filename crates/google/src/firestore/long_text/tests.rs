//! Texts in pieces.

use super::parts::{Parts, pieces};

#[test]
fn pieces_are_short_enough_and_make_the_text_again() {
    let wide = "é☕️".repeat(300_000);
    for text in [
        "",
        "short",
        &"x".repeat(921_600),
        &"x".repeat(921_601),
        &wide,
    ] {
        assert_eq!(pieces(text).collect::<String>(), text);
        assert!(pieces(text).all(|piece| (1..=921_600).contains(&piece.len())));
    }
    assert_eq!(pieces(&"x".repeat(921_601)).count(), 2);
}

#[test]
fn parts_of_another_text_or_version_have_other_names() {
    let parts = Parts::of(1, "text");
    assert_eq!(parts, Parts::of(1, "text"));
    assert_ne!(parts, Parts::of(2, "text"));
    assert_ne!(parts, Parts::of(1, "another"));
}
