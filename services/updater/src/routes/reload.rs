//! The routes in use, replaced as a whole when their file changes. A file with mistakes replaces nothing.

use std::sync::{Arc, PoisonError, RwLock};

use super::expression::Compiler;
use super::load::load_with;
use super::mistake::Mistake;
use super::model::Routes;

/// Holds the routes in use. Whoever handles a message takes them once, and keeps them to its end.
#[derive(Debug)]
pub struct RoutesHandle {
    compiler: Compiler,
    file_name: String,
    current: RwLock<Arc<Routes>>,
}

impl RoutesHandle {
    /// Starts with routes that were loaded from `file_name`.
    pub fn new(routes: Routes, file_name: impl Into<String>) -> Self {
        let compiler = routes.compiler().clone();
        Self {
            compiler,
            file_name: file_name.into(),
            current: RwLock::new(Arc::new(routes)),
        }
    }

    /// The routes in use now.
    pub fn current(&self) -> Arc<Routes> {
        // The lock is held for an assignment only, so what a panicking thread left behind is whole.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads a new text of the file and puts its routes in use.
    ///
    /// # Errors
    /// Every mistake of the text; the routes in use stay.
    pub fn try_replace(
        &self,
        source: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Arc<Routes>, Vec<Mistake>> {
        let routes = Arc::new(load_with(
            &self.compiler,
            source,
            &self.file_name,
            environment,
        )?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&routes);
        Ok(routes)
    }
}
