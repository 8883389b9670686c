//! Which kinds a text may hold at all. Nearly every text holds none, and one quick look at its bytes says so; a closer one
//! at its characters is for texts with many digits, or with signs written otherwise. Neither allocates.

use super::card;
use super::names::PersonalData;
use super::settings::{RedactionSettings, Treatment};
use super::text::characters;

/// `a@b.cc`; a national number is longer.
const FEWEST_BYTES: usize = 6;
const FEWEST_CARD_DIGITS: usize = 15;
const MOST_CARD_DIGITS: usize = 16;
const FEWEST_PHONE_DIGITS: usize = 7;

/// Bytes that are looked at together: as many as processors take at once.
const LANES: usize = 16;
/// Before a look at what is left: all lanes' digits together still fit a byte.
const MOST_LOOKS: usize = 14;
const AT: u8 = 1;
const PLUS: u8 = 2;
const WRITTEN_OTHERWISE: u8 = 4;
/// What full-width characters begin with.
const FULL_WIDTH: u8 = 0xEF;

#[derive(Default)]
pub(super) struct Suspicion {
    pub(super) email: bool,
    pub(super) card: bool,
    pub(super) phone: bool,
}

impl Suspicion {
    /// `is_phone`: the name of the text's member says that it is a phone number.
    pub(super) fn of(source: &str, settings: &RedactionSettings, is_phone: bool) -> Self {
        if source.len() < FEWEST_BYTES {
            return Self::default();
        }
        let is_on = |kind| settings.treatment(kind) != Treatment::Off;
        let bytes = Bytes::of(source.as_bytes());
        let has = |sign| bytes.signs & sign != 0;
        let could_be_phone =
            is_on(PersonalData::PhoneNumber) && bytes.most_digits >= FEWEST_PHONE_DIGITS;
        let mut suspicion = Self {
            email: is_on(PersonalData::Email) && has(AT),
            card: is_on(PersonalData::CardNumber) && bytes.most_digits >= FEWEST_CARD_DIGITS,
            phone: could_be_phone && (is_phone || has(PLUS)),
        };
        if suspicion.card || has(WRITTEN_OTHERWISE) {
            let characters = Characters::of(source);
            suspicion.email |= is_on(PersonalData::Email) && characters.has_at;
            suspicion.card &= characters.may_be_card;
            suspicion.phone |= could_be_phone && characters.has_plus;
        }
        suspicion
    }

    pub(super) fn is_none(&self) -> bool {
        !(self.email || self.card || self.phone)
    }
}

/// What bytes alone say.
struct Bytes {
    signs: u8,
    /// There are no more digits than that, however they are written: each needs one of these bytes.
    most_digits: usize,
}

impl Bytes {
    fn of(source: &[u8]) -> Self {
        let (mut signs, mut most_digits) = (0, 0);
        for part in source.chunks(LANES * MOST_LOOKS) {
            let mut lanes = Lanes::default();
            let (whole, rest) = part.as_chunks();
            whole.iter().for_each(|bytes| lanes.look(bytes));
            let mut last = [0; LANES];
            last[..rest.len()].copy_from_slice(rest);
            lanes.look(&last);
            signs |= lanes.signs.iter().fold(0, |all, signs| all | signs);
            most_digits += usize::from(lanes.digits.iter().sum::<u8>());
        }
        Self { signs, most_digits }
    }
}

/// What each of so many bytes said; written so that the compiler makes a few instructions of each look.
#[derive(Default)]
struct Lanes {
    signs: [u8; LANES],
    digits: [u8; LANES],
}

impl Lanes {
    fn look(&mut self, bytes: &[u8; LANES]) {
        let lanes = self.signs.iter_mut().zip(&mut self.digits).zip(bytes);
        for ((signs, digits), byte) in lanes {
            let is = |sign: u8| u8::from(*byte == sign);
            let is_other = is(b'%') | is(b'\\') | is(b'&') | is(FULL_WIDTH);
            *signs |= (is(b'@') * AT) | (is(b'+') * PLUS) | (is_other * WRITTEN_OTHERWISE);
            *digits += u8::from(byte.wrapping_sub(b'0') < 10) | is(FULL_WIDTH);
        }
    }
}

/// What the characters say, as their reader sees them.
#[derive(Default)]
struct Characters {
    has_at: bool,
    has_plus: bool,
    may_be_card: bool,
}

impl Characters {
    fn of(source: &str) -> Self {
        let mut told = Self::default();
        let mut runs = DigitRuns::default();
        for (_, character) in characters(source) {
            if character.is_ascii_digit() {
                runs.add(character);
                continue;
            }
            runs.end();
            told.has_at |= character == '@';
            told.has_plus |= character == '+';
        }
        runs.end();
        told.may_be_card = runs.may_be_card();
        told
    }
}

/// Digits that stand together, and how many there were of the lengths that cards show.
#[derive(Default)]
struct DigitRuns {
    digits: [u8; MOST_CARD_DIGITS],
    length: usize,
    fours: usize,
    fives: usize,
    sixes: usize,
    is_card: bool,
}

impl DigitRuns {
    fn add(&mut self, digit: char) {
        if let Some(place) = self.digits.get_mut(self.length) {
            *place = digit as u8;
        }
        self.length += 1;
    }

    /// Something else came.
    fn end(&mut self) {
        if self.length > 0 {
            self.note();
            self.length = 0;
        }
    }

    fn note(&mut self) {
        match self.length {
            4 => self.fours += 1,
            5 => self.fives += 1,
            6 => self.sixes += 1,
            FEWEST_CARD_DIGITS..=MOST_CARD_DIGITS => {
                self.is_card |= card::is_card(&self.digits[..self.length]);
            }
            _ => {}
        }
    }

    fn may_be_card(&self) -> bool {
        let is_shown_so = self.fours >= 4 || self.fours.min(self.sixes).min(self.fives) > 0;
        self.is_card || is_shown_so
    }
}
