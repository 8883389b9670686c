//! A place of an event. Its pointer is only written once there is something to tell of it: of most places there is nothing.

/// One step below another place, or below the top.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    above: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    pub(super) fn member(above: Option<&'a Place<'a>>, name: &'a str) -> Self {
        let step = Step::Name(name);
        Self { above, step }
    }

    pub(super) fn element(above: &'a Place<'a>, index: usize) -> Self {
        Self {
            above: Some(above),
            step: Step::Index(index),
        }
    }

    /// The JSON pointer (RFC 6901).
    pub(super) fn pointer(&self) -> String {
        let mut pointer = self.above.map(Place::pointer).unwrap_or_default();
        pointer.push('/');
        match self.step {
            Step::Name(name) => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => pointer.push_str(&index.to_string()),
        }
        pointer
    }
}
