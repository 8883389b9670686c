//! Currencies by their ISO 4217 code, with the number of minor digits each is written with. An unknown code is refused, so
//! that a typing mistake never opens a tally of its own.

use serde::{Deserialize, Serialize};

/// Code and minor digits, sorted by code. Codes withdrawn since 2015 are kept: refunds of old orders still name
/// them. `XXX` and the metals have no minor unit in the standard; two digits is what browsers write for them.
const TABLE: &str = concat!(
    "AED2 AFN2 ALL2 AMD2 ANG2 AOA2 ARS2 AUD2 AWG2 AZN2 BAM2 BBD2 BDT2 BGN2 BHD3 BIF0 BMD2 BND2 BOB2 BOV2 ",
    "BRL2 BSD2 BTN2 BWP2 BYN2 BYR0 BZD2 CAD2 CDF2 CHE2 CHF2 CHW2 CLF4 CLP0 CNY2 COP2 COU2 CRC2 CUC2 CUP2 ",
    "CVE2 CZK2 DJF0 DKK2 DOP2 DZD2 EGP2 ERN2 ETB2 EUR2 FJD2 FKP2 GBP2 GEL2 GHS2 GIP2 GMD2 GNF0 GTQ2 GYD2 ",
    "HKD2 HNL2 HRK2 HTG2 HUF2 IDR2 ILS2 INR2 IQD3 IRR2 ISK0 JMD2 JOD3 JPY0 KES2 KGS2 KHR2 KMF0 KPW2 KRW0 ",
    "KWD3 KYD2 KZT2 LAK2 LBP2 LKR2 LRD2 LSL2 LYD3 MAD2 MDL2 MGA2 MKD2 MMK2 MNT2 MOP2 MRO2 MRU2 MUR2 MVR2 ",
    "MWK2 MXN2 MXV2 MYR2 MZN2 NAD2 NGN2 NIO2 NOK2 NPR2 NZD2 OMR3 PAB2 PEN2 PGK2 PHP2 PKR2 PLN2 PYG0 QAR2 ",
    "RON2 RSD2 RUB2 RWF0 SAR2 SBD2 SCR2 SDG2 SEK2 SGD2 SHP2 SLE2 SLL2 SOS2 SRD2 SSP2 STD2 STN2 SVC2 SYP2 ",
    "SZL2 THB2 TJS2 TMT2 TND3 TOP2 TRY2 TTD2 TWD2 TZS2 UAH2 UGX0 USD2 USN2 UYI0 UYU2 UYW4 UZS2 VED2 VEF2 ",
    "VES2 VND0 VUV0 WST2 XAD2 XAF0 XAG2 XAU2 XBA2 XBB2 XBC2 XBD2 XCD2 XCG2 XDR2 XOF0 XPD2 XPF0 XPT2 XSU2 ",
    "XTS2 XUA2 XXX2 YER2 ZAR2 ZMW2 ZWG2 ZWL2 ",
);
const ENTRY_LENGTH: usize = "AED2 ".len();

/// An ISO 4217 currency. Serialised as its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// The text is no code of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a currency; use a code of ISO 4217, such as EUR, or leave the currency out")]
pub struct UnknownCurrency;

impl Currency {
    /// `XXX`: the amount came without a currency.
    pub const NONE: Self = Self(*b"XXX");

    /// Reads a code, in upper or lower case, with blanks around.
    pub fn parse(text: &str) -> Result<Self, UnknownCurrency> {
        let mut code: [u8; 3] = text
            .trim()
            .as_bytes()
            .try_into()
            .map_err(|_| UnknownCurrency)?;
        code.make_ascii_uppercase();
        minor_units_of(&code)
            .map(|_| Self(code))
            .ok_or(UnknownCurrency)
    }

    /// The three letters.
    pub fn as_str(&self) -> &str {
        // Only letters of the table get in, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals an amount is written with: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn minor_units(&self) -> usize {
        minor_units_of(&self.0).unwrap_or(2)
    }
}

fn minor_units_of(code: &[u8; 3]) -> Option<usize> {
    let table = TABLE.as_bytes();
    let entry = |index: usize| &table[index * ENTRY_LENGTH..][..ENTRY_LENGTH];
    let (mut low, mut high) = (0, table.len() / ENTRY_LENGTH);
    while low < high {
        let middle = low.midpoint(high);
        match entry(middle)[..3].cmp(code) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(usize::from(entry(middle)[3] - b'0')),
        }
    }
    None
}

impl std::fmt::Display for Currency {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl TryFrom<String> for Currency {
    type Error = UnknownCurrency;

    fn try_from(text: String) -> Result<Self, UnknownCurrency> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_table_is_found_and_the_table_is_sorted() {
        let codes: Vec<&str> = TABLE
            .split_ascii_whitespace()
            .map(|entry| &entry[..3])
            .collect();
        assert!(codes.is_sorted_by(|one, next| one < next));
        assert_eq!(TABLE.len(), codes.len() * ENTRY_LENGTH);
        for code in codes {
            assert_eq!(
                Currency::parse(code)
                    .map(|currency| currency.to_string())
                    .as_deref(),
                Ok(code)
            );
        }
    }

    #[test]
    fn minor_units_are_those_of_the_standard() {
        for (code, units) in [
            ("EUR", 2),
            ("JPY", 0),
            ("KWD", 3),
            ("CLF", 4),
            ("ISK", 0),
            ("TND", 3),
            ("ZWL", 2),
            ("AED", 2),
        ] {
            assert_eq!(
                Currency::parse(code).map(|currency| currency.minor_units()),
                Ok(units),
                "{code}"
            );
        }
    }

    #[test]
    fn unknown_codes_are_refused_and_lower_case_is_not() {
        assert_eq!(Currency::parse(" eur "), Currency::parse("EUR"));
        for text in ["", "EU", "EURO", "ZZZ", "€€€", "€", "EUR,", "E R"] {
            assert_eq!(Currency::parse(text), Err(UnknownCurrency), "{text:?}");
        }
    }
}
