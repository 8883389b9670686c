//! The values that attributes of metrics have: closed lists, so that no label can grow without end or hold what was sent.

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every word there is.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            /// As it is exported.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

macro_rules! words_of_texts {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        words! { $(#[$about])* $name { $($(#[$doc])* $variant = $word,)+ } }

        impl $name {
            /// The word that `text` is; what is none of them is `Other`.
            pub fn of(text: &str) -> Self {
                match text { $($word => Self::$variant,)+ _ => Self::Other }
            }
        }
    };
}

words_of_texts! {
    /// What happened, in the words of the field. Tags can send any.
    EventType {
        /// An order.
        Purchase = "purchase",
        /// Money back.
        Refund = "refund",
        /// An item was looked at.
        ViewItem = "view_item",
        /// A list was looked at.
        ViewItemList = "view_item_list",
        /// An item of a list was chosen.
        SelectItem = "select_item",
        /// Into the cart.
        AddToCart = "add_to_cart",
        /// Out of the cart.
        RemoveFromCart = "remove_from_cart",
        /// The cart was looked at.
        ViewCart = "view_cart",
        /// On a list of wishes.
        AddToWishlist = "add_to_wishlist",
        /// On the way to pay.
        BeginCheckout = "begin_checkout",
        /// How it is sent.
        AddShippingInfo = "add_shipping_info",
        /// How it is paid.
        AddPaymentInfo = "add_payment_info",
        /// Somebody wants to hear more.
        GenerateLead = "generate_lead",
        /// Somebody logged in.
        UserLogin = "user_login",
        /// The same in other tags.
        Login = "login",
        /// Somebody has an account now.
        SignUp = "sign_up",
        /// Somebody searched.
        Search = "search",
        /// A page was looked at.
        PageView = "page_view",
        /// It names no type.
        None = "none",
        /// Any other.
        Other = "other",
    }
}

words! {
    /// What became of an event at the publisher.
    PublishOutcome {
        /// It is durable, and the answer was 202.
        Accepted = "accepted",
        /// It breaks a rule: 422.
        Invalid = "invalid",
        /// Its type is not among those that are let in.
        NotAllowed = "not_allowed",
        /// It holds what must not leave the caller in clear, and redaction refuses.
        PersonalData = "personal_data",
        /// It is larger than the bus takes.
        TooLarge = "too_large",
        /// The bus didn't take it in time: 503.
        Unavailable = "unavailable",
    }
}

words! {
    /// Why a request to the publisher was refused before any event of it was known.
    RefusalReason {
        /// The caller didn't prove who it is: 401.
        Unauthenticated = "unauthenticated",
        /// Nobody can tell now who the caller is: 503.
        UncheckedCaller = "unchecked_caller",
        /// The caller sends more than it may: 429.
        RateLimited = "rate_limited",
        /// Too much is in flight: 503.
        Overloaded = "overloaded",
        /// The body, or the batch, is larger than allowed: 413.
        TooLarge = "too_large",
        /// The body came too slowly: 408.
        TooSlow = "too_slow",
        /// It is no JSON by its type: 415.
        UnsupportedType = "unsupported_type",
        /// It is no JSON, or too deep: 400.
        Unreadable = "unreadable",
    }
}

words! {
    /// What was redacted.
    RedactionKind {
        /// An e-mail address.
        Email = "email",
        /// A payment card's number.
        Card = "card",
        /// A phone number.
        Phone = "phone",
    }
}

words! {
    /// How a push was answered.
    PushAnswer {
        /// 2xx: it doesn't come again.
        Acknowledged = "acknowledged",
        /// 5xx or 429: it comes again.
        Refused = "refused",
        /// 401 or 403: it doesn't prove that the bus sent it.
        Unauthenticated = "unauthenticated",
        /// Any other 4xx: it is no push.
        Invalid = "invalid",
    }
}

words! {
    /// What became of an effect in one working.
    EffectOutcome {
        /// The API has it.
        Done = "done",
        /// It is tried again.
        Retry = "retry",
        /// A dead letter.
        Dead = "dead",
        /// The call may have arrived and must not be repeated: kept for review.
        Review = "review",
        /// Too old: shown, not called.
        Expired = "expired",
        /// Not called, because its route only says what it would call.
        Shadow = "shadow",
        /// Stored, to be worked later.
        Held = "held",
    }
}

words! {
    /// What an API's answer to a call means.
    CallClass {
        /// It worked.
        Done = "done",
        /// Again later.
        Retry = "retry",
        /// The destination is broken, not the event.
        Setup = "setup",
        /// Refused for good.
        Reject = "reject",
        /// Nobody knows whether it arrived.
        Unknown = "unknown",
    }
}

words_of_texts! {
    /// Why a letter is dead, in the words of the store's closed list.
    DeathReason {
        /// The message couldn't be read.
        Unreadable = "unreadable",
        /// It breaks a rule.
        Invalid = "invalid",
        /// It names no event type and no route wanted it.
        NoEventType = "no-event-type",
        /// The routes file doesn't have the destination.
        UnknownDestination = "unknown-destination",
        /// The same identity came before with other content.
        IdentityConflict = "identity-conflict",
        /// An expression of the route failed.
        ExpressionFailed = "expression-failed",
        /// The API refused it for good.
        Rejected = "rejected",
        /// The call may have arrived.
        OutcomeUnknown = "outcome-unknown",
        /// Its time was up.
        Exhausted = "exhausted",
        /// The bus gave up.
        Undelivered = "undelivered",
        /// Its route was removed or changed.
        RouteGone = "route-gone",
        /// A reason that this list doesn't have yet.
        Other = "other",
    }
}

words! {
    /// What became of an event at the counter.
    CountOutcome {
        /// Counted now.
        Counted = "counted",
        /// Counted before.
        Duplicate = "duplicate",
        /// There is nothing to count in it.
        NotCounted = "not_counted",
        /// A dead letter.
        Dead = "dead",
        /// The store didn't take it: the message comes again.
        Unavailable = "unavailable",
    }
}

words! {
    /// How a commit of tallies ended.
    CommitOutcome {
        /// All of it is counted.
        Committed = "committed",
        /// The store refused it: its halves are tried, or one event is buried.
        Refused = "refused",
        /// The store was not there.
        Unavailable = "unavailable",
    }
}
