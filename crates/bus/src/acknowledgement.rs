//! Which answers to a push mean "done".

/// Whether an HTTP status acknowledges a push. Every other status, and no answer in time, is a refusal and the
/// message comes again. The list is Pub/Sub's; Talaria itself always answers 204 to acknowledge and 503 to refuse,
/// which every implementation understands alike.
pub fn is_acknowledgement(status: u16) -> bool {
    matches!(status, 102 | 200 | 201 | 202 | 204)
}

#[cfg(test)]
mod tests {
    use super::is_acknowledgement;

    #[test]
    fn only_pub_subs_five_statuses_acknowledge() {
        let acknowledging: Vec<u16> = (100..600)
            .filter(|status| is_acknowledgement(*status))
            .collect();
        assert_eq!(acknowledging, [102, 200, 201, 202, 204]);
    }
}
