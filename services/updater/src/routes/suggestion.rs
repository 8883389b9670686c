//! "Did you mean …?" for misspelt words.

/// A hint naming the nearest known word, ready to be appended to a message; empty when none is near.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(word, known) {
        Some(found) => format!("; did you mean '{found}'?"),
        None => String::new(),
    }
}

/// The known word at the smallest distance, if that is small for the word's length. Case and separators weigh little.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', '.'], "");
    let written = plain(word);
    // Of very short words, nothing near is meant.
    let most = (written.chars().count() / 3).min(3);
    known
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&written, &plain(candidate)),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
