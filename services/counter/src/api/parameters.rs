//! What stands in an address: the query's parameters, and names in the path whatever characters they have.

use std::collections::BTreeMap;
use std::fmt::Write;

use ::web::Problem;
use actix_web::{HttpRequest, web};
use events::{Currency, Timestamp};
use store::{DeadLetterFilter, Reason};

use super::bad_request;
use crate::shown::{MAX_LIMIT, Query, Sort};
use crate::windows::Window;

const DEFAULT_LIMIT: usize = 50;
const DEFAULT_LETTERS: usize = 100;
const MAX_LETTERS: usize = 1000;

/// The query's parameters; one that is empty counts as absent.
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(super) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string())
            .map_err(|_| {
                bad_request("the address' query can't be read: percent-encode its values")
            })?;
        let given = query.into_inner().into_iter();
        Ok(Self(given.filter(|(_, value)| !value.is_empty()).collect()))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// What items are asked for.
    pub(super) fn query(&self) -> Result<Query, Problem> {
        self.query_of_at_most(DEFAULT_LIMIT)
    }

    /// The same, with so many rows where no limit is given.
    pub(super) fn query_of_at_most(&self, limit: usize) -> Result<Query, Problem> {
        let sort = self.one_of("sort", Sort::Revenue, &Sort::ALL, Sort::parse, Sort::name)?;
        let currency = self.get("currency").map(Currency::parse).transpose();
        Ok(Query {
            window: self.window()?,
            sort,
            descending: self.flag("descending", sort != Sort::Name)?,
            limit: self.limit(limit, MAX_LIMIT)?,
            category: self.get("category").map(str::to_owned),
            currency: currency.map_err(|error| bad_request(format!("currency is {error}")))?,
            search: self.get("q").map(str::to_lowercase),
        })
    }

    pub(super) fn window(&self) -> Result<Window, Problem> {
        let usual = Window::ThirtyMinutes;
        self.one_of("window", usual, &Window::ALL, Window::parse, Window::name)
    }

    /// Which dead letters are asked for.
    pub(super) fn letters(&self) -> Result<DeadLetterFilter, Problem> {
        Ok(DeadLetterFilter {
            limit: self.limit(DEFAULT_LETTERS, MAX_LETTERS)?,
            ..letter_filter(
                self.get("reason"),
                self.get("destination"),
                self.get("route"),
                self.get("since"),
            )?
        })
    }

    fn one_of<T: Copy>(
        &self,
        name: &str,
        usual: T,
        all: &[T],
        parse: fn(&str) -> Option<T>,
        name_of: fn(T) -> &'static str,
    ) -> Result<T, Problem> {
        match self.get(name) {
            None => Ok(usual),
            Some(text) => parse(text).ok_or_else(|| must_be_one_of(name, all, name_of)),
        }
    }

    fn flag(&self, name: &str, usual: bool) -> Result<bool, Problem> {
        match self.get(name) {
            None => Ok(usual),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(bad_request(format!("{name} must be true or false"))),
        }
    }

    fn limit(&self, usual: usize, most: usize) -> Result<usize, Problem> {
        match self.get("limit").map(str::parse) {
            None => Ok(usual),
            Some(Ok(limit)) if (1..=most).contains(&limit) => Ok(limit),
            Some(_) => Err(bad_request(format!(
                "limit must be a number from 1 to {most}"
            ))),
        }
    }
}

/// A filter from its parts' texts.
pub(super) fn letter_filter(
    reason: Option<&str>,
    destination: Option<&str>,
    route: Option<&str>,
    since: Option<&str>,
) -> Result<DeadLetterFilter, Problem> {
    let reason = reason.map(|name| {
        Reason::parse(name).ok_or_else(|| must_be_one_of("reason", &Reason::ALL, Reason::name))
    });
    let since = since.map(Timestamp::parse_rfc3339).transpose();
    Ok(DeadLetterFilter {
        reason: reason.transpose()?,
        destination: destination.map(str::to_owned),
        route: route.map(str::to_owned),
        since: since.map_err(|error| bad_request(format!("since is {error}")))?,
        ..DeadLetterFilter::default()
    })
}

fn must_be_one_of<T: Copy>(name: &str, all: &[T], name_of: fn(T) -> &'static str) -> Problem {
    let mut detail = format!("{name} must be one of ");
    for (index, one) in all.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        // Writing to a text never fails.
        let _ = write!(detail, "{comma}{}", name_of(*one));
    }
    bad_request(detail)
}

/// The rest of the path after `prefix`, percent-decoded. The router's own decoding is not used, since a name may
/// hold a slash.
pub(super) fn name_after(prefix: &str, request: &HttpRequest) -> Result<String, Problem> {
    let path = request.uri().path();
    let encoded = path.strip_prefix(prefix).unwrap_or_default();
    percent_decoded(encoded)
        .filter(|name| !name.is_empty())
        .ok_or_else(|| bad_request("the name in the address must be percent-encoded UTF-8"))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let value = digit(bytes.next())? * 16 + digit(bytes.next())?;
                u8::try_from(value).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_whatever_they_hold_and_broken_ones_are_refused() {
        for (encoded, name) in [
            ("LAMP-07", Some("LAMP-07")),
            ("SETS%2FDINNER-4", Some("SETS/DINNER-4")),
            ("a/b+c", Some("a/b+c")),
            ("100%25", Some("100%")),
            ("%F0%9F%A7%A6", Some("🧦")),
            ("%F0%9F", None),
            ("%", None),
            ("%4", None),
            ("%+4", None),
        ] {
            assert_eq!(percent_decoded(encoded).as_deref(), name, "{encoded}");
        }
    }
}
