//! What is wrong with settings, all of it said at once: an operator who is told one fault at a time starts as often as there
//! are faults.

use std::fmt;

/// Faults of settings, each a sentence that names the setting and what would be right.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<String>);

impl Faults {
    /// One fault.
    pub fn of(sentence: impl fmt::Display) -> Self {
        Self(vec![sentence.to_string()])
    }

    /// Both values, or the faults of both.
    pub fn join<A, B>(first: Result<A, Self>, second: Result<B, Self>) -> Result<(A, B), Self> {
        match (first, second) {
            (Ok(first), Ok(second)) => Ok((first, second)),
            (Ok(_), Err(faults)) | (Err(faults), Ok(_)) => Err(faults),
            (Err(first), Err(second)) => Err(first.and(second)),
        }
    }

    /// The faults of both; one that both have is there once.
    fn and(mut self, others: Self) -> Self {
        for other in others.0 {
            if !self.0.contains(&other) {
                self.0.push(other);
            }
        }
        self
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Faults {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_several_settings_are_said_together_and_each_once() {
        let (a, b) = (|| Faults::of("a is missing"), || Faults::of("b is missing"));
        let joined = Faults::join(
            Faults::join(Err::<(), _>(a()), Ok(())),
            Faults::join(Err::<(), _>(b()), Err::<(), _>(a())),
        );
        let faults = joined.expect_err("three faults");
        assert_eq!(faults.to_string(), "a is missing\nb is missing");
        assert_eq!(Faults::join(Ok(1), Ok(2)), Ok((1, 2)));
    }
}
