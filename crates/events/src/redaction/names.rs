//! What members' names say: which are ids that stay as they are, and which hold personal data.

/// A kind of personal data that redaction knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonalData {
    /// E-mail addresses.
    Email,
    /// Numbers of payment cards.
    CardNumber,
    /// Phone numbers.
    PhoneNumber,
}

/// Names whose texts are ids by contract, whoever sends them.
const IDENTIFIERS: [&str; 10] = [
    "eventId",
    "event_id",
    "clientId",
    "client_id",
    "userId",
    "user_id",
    "transactionId",
    "transaction_id",
    "item_id",
    "sku",
];

const EMAIL_WORDS: [&str; 5] = ["email", "emails", "mail", "mails", "emailaddress"];
const PHONE_WORDS: [&str; 13] = [
    "phone",
    "phones",
    "phonenumber",
    "telephone",
    "telefon",
    "tel",
    "mobile",
    "mobilephone",
    "mobilenumber",
    "cellphone",
    "cell",
    "fax",
    "msisdn",
];
const CARD_WORDS: [&str; 5] = [
    "cardnumber",
    "creditcard",
    "creditcardnumber",
    "ccnumber",
    "pan",
];
/// With these beside it, a word speaks of something else: a hash of the address, a mail's template, a phone's model.
const OTHER_WORDS: [&str; 30] = [
    "hash",
    "hashed",
    "sha",
    "sha256",
    "md5",
    "verified",
    "consent",
    "opt",
    "optin",
    "subscribed",
    "newsletter",
    "template",
    "campaign",
    "type",
    "domain",
    "status",
    "count",
    "sent",
    "is",
    "has",
    "at",
    "date",
    "time",
    "case",
    "model",
    "brand",
    "os",
    "version",
    "enabled",
    "allowed",
];

impl PersonalData {
    /// What a member of this name holds, if the name says so: `email`, `billing_phone`, `cardNumber`; not `emailHashed`.
    pub fn named(name: &str) -> Option<Self> {
        let words = words(name);
        let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
        if has(&OTHER_WORDS) {
            None
        } else if has(&EMAIL_WORDS) {
            Some(Self::Email)
        } else if has(&CARD_WORDS) || has(&["card"]) && has(&["number", "no", "nr", "num"]) {
            Some(Self::CardNumber)
        } else if has(&PHONE_WORDS) {
            Some(Self::PhoneNumber)
        } else {
            None
        }
    }

    /// Several of them, in the middle of a sentence.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Email => "e-mail addresses",
            Self::CardNumber => "card numbers",
            Self::PhoneNumber => "phone numbers",
        }
    }

    /// The key of its treatment in the settings.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Email => "emails",
            Self::CardNumber => "card_numbers",
            Self::PhoneNumber => "phone_numbers",
        }
    }

    /// What stands in the place of a redacted one.
    pub(super) const fn placeholder(self) -> &'static str {
        match self {
            Self::Email => "[e-mail]",
            Self::CardNumber => "[card number]",
            Self::PhoneNumber => "[phone number]",
        }
    }

    pub(super) const ALL: [Self; 3] = [Self::Email, Self::CardNumber, Self::PhoneNumber];
}

/// Whether the texts of a member of this name are ids, which are never touched.
pub(super) fn is_identifier(name: &str) -> bool {
    IDENTIFIERS.contains(&name)
}

/// `billingPhone_2` has the words billing and phone.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = ' ';
    for character in name.chars() {
        let begins = character.is_uppercase() && previous.is_lowercase();
        if begins || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
        previous = character;
    }
    for word in &mut words {
        let is_numbered = !["sha256", "md5"].contains(&word.as_str());
        if is_numbered {
            let kept = word
                .trim_end_matches(|last: char| last.is_ascii_digit())
                .len();
            word.truncate(kept);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
