//! Waiting: deadlines and the caller's abort signal. Dropping either removes its timer or listener.

use core::future::Future;
use core::pin::pin;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::AbortSignal;

/// Milliseconds since the page was opened; only differences mean anything.
pub(super) fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or_else(js_sys::Date::now, |clock| clock.now())
}

/// A moment after which [`Deadline::within`] answers `None`.
pub(super) struct Deadline {
    timer: Option<TimeoutFuture>,
}

impl Deadline {
    /// `ms` from now.
    pub(super) fn after(ms: u32) -> Self {
        Self { timer: Some(TimeoutFuture::new(ms)) }
    }

    /// The output of `future`, or `None` where the deadline came first or is past.
    pub(super) async fn within<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let timer = self.timer.as_mut()?;
        match select(pin!(future), timer).await {
            Either::Left((output, _)) => Some(output),
            Either::Right(_) => {
                self.timer = None;
                None
            }
        }
    }
}

/// Runs `procedure` until it ends or `signal` fires; then everything the procedure holds is dropped, which closes
/// its connections, and the error is the signal's reason.
pub(super) async fn abortable<T>(
    signal: Option<AbortSignal>,
    procedure: impl Future<Output = Result<T, JsValue>>,
) -> Result<T, JsValue> {
    let Some(signal) = signal else { return procedure.await };
    if signal.aborted() {
        return Err(signal.reason());
    }
    let (listener, aborted) = Listener::new(signal.clone())?;
    let outcome = match select(pin!(procedure), aborted).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(signal.reason()),
    };
    drop(listener);
    outcome
}

/// An `abort` listener that leaves its signal as it found it.
struct Listener {
    signal: AbortSignal,
    callback: Closure<dyn FnMut()>,
}

impl Listener {
    fn new(signal: AbortSignal) -> Result<(Self, oneshot::Receiver<()>), JsValue> {
        let (sender, receiver) = oneshot::channel();
        let mut sender = Some(sender);
        let callback = Closure::new(move || {
            if let Some(sender) = sender.take() {
                let _ = sender.send(());
            }
        });
        let listener = Self { signal, callback };
        listener.signal.add_event_listener_with_callback("abort", listener.callback.as_ref().unchecked_ref())?;
        Ok((listener, receiver))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback("abort", self.callback.as_ref().unchecked_ref());
    }
}
