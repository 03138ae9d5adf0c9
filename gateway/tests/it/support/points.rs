//! The points that a gateway passes, and what happens in the world at one of them.

use std::sync::Mutex;

type Happens = Box<dyn FnMut() + Send>;

/// All points so far, in their order.
#[derive(Default)]
pub(crate) struct Points {
    passed: Mutex<Vec<&'static str>>,
    happens: Mutex<Option<(&'static str, Happens)>>,
}

impl Points {
    /// From now on this happens whenever the point is passed, before the gateway goes on.
    pub(crate) fn at(&self, point: &'static str, happens: impl FnMut() + Send + 'static) {
        *self.happens.lock().unwrap() = Some((point, Box::new(happens)));
    }

    /// Nothing happens at any point any more.
    pub(crate) fn calm(&self) {
        *self.happens.lock().unwrap() = None;
    }

    /// How many of the passed points have this in their names.
    pub(crate) fn count(&self, part: &str) -> usize {
        self.passed.lock().unwrap().iter().filter(|point| point.contains(part)).count()
    }

    pub(crate) fn passed(&self) -> Vec<&'static str> {
        self.passed.lock().unwrap().clone()
    }

    pub(super) fn pass(&self, point: &'static str) {
        self.passed.lock().unwrap().push(point);
        if let Some((at, happens)) = &mut *self.happens.lock().unwrap()
            && *at == point
        {
            happens();
        }
    }
}
