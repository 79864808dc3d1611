//! Events for common billing units: time, bytes, and the tokens of language models.
//!
//! They write the same metadata as Polar's JavaScript library, so that the same meters work: `deltaTime`, `bytes`,
//! `inputTokens` and so on, and `strategy`.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use polar_client::Nullable;
use polar_client::models::{LLMMetadata, UnitAmount};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::{RecordError, UsageEvent, UsageRecorder};

impl UsageEvent {
    /// Adds an elapsed time: `deltaTime` in milliseconds.
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// use polar_client_kit::usage::UsageEvent;
    ///
    /// let started = Instant::now();
    /// // The work.
    /// let event = UsageEvent::for_external_customer("render-time", "user_42").elapsed(started.elapsed());
    /// # let _ = event;
    /// ```
    #[must_use]
    pub fn elapsed(self, elapsed: Duration) -> Self {
        self.metadata([("deltaTime", elapsed.as_secs_f64() * 1000.0)]).metadata([("strategy", "DeltaTime")])
    }

    /// Adds a number of bytes.
    #[must_use]
    pub fn bytes(self, bytes: u64) -> Self {
        self.metadata([("bytes", i64::try_from(bytes).unwrap_or(i64::MAX))]).metadata([("strategy", "Stream")])
    }

    /// Adds the call of a language model.
    #[must_use]
    pub fn llm_call(self, call: LlmCall) -> Self {
        let tokens = [("inputTokens", call.input), ("outputTokens", call.output), ("totalTokens", call.total())];
        let mut event = self.metadata(tokens).metadata([("cachedInputTokens", call.cached.unwrap_or_default())]);
        event = event.metadata([("model", &*call.model), ("provider", &*call.vendor), ("strategy", "LLM")]);
        if let Some(cost) = call.cost.clone() {
            event = event.cost(cost);
        }
        event.llm(call.into())
    }
}

/// A call of a language model, with its tokens.
///
/// ```
/// use polar_client_kit::usage::{LlmCall, UsageEvent};
///
/// let call = LlmCall::new("openai", "gpt-4o", 120, 480).cached_input_tokens(100).cost("0.51");
/// let event = UsageEvent::for_external_customer("chat", "user_42").llm_call(call);
/// # let _ = event;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LlmCall {
    vendor: String,
    model: String,
    input: i64,
    output: i64,
    cached: Option<i64>,
    total: Option<i64>,
    prompt: Option<String>,
    response: Option<String>,
    cost: Option<UnitAmount>,
}

impl LlmCall {
    /// Creates a call of this vendor's model with its input and output tokens.
    #[must_use]
    pub fn new(vendor: impl Into<String>, model: impl Into<String>, input_tokens: i64, output_tokens: i64) -> Self {
        Self {
            vendor: vendor.into(),
            model: model.into(),
            input: input_tokens,
            output: output_tokens,
            cached: None,
            total: None,
            prompt: None,
            response: None,
            cost: None,
        }
    }

    /// Sets how many input tokens came from the vendor's cache.
    #[must_use]
    pub fn cached_input_tokens(self, tokens: i64) -> Self {
        Self { cached: Some(tokens), ..self }
    }

    /// Sets the total number of tokens that the vendor reports. The default is the sum of input and output tokens.
    #[must_use]
    pub fn total_tokens(self, tokens: i64) -> Self {
        Self { total: Some(tokens), ..self }
    }

    /// Sets the text that was sent to the model. Polar stores and shows it.
    #[must_use]
    pub fn prompt(self, text: impl Into<String>) -> Self {
        Self { prompt: Some(text.into()), ..self }
    }

    /// Sets the text that the model returned. Polar stores and shows it.
    #[must_use]
    pub fn response(self, text: impl Into<String>) -> Self {
        Self { response: Some(text.into()), ..self }
    }

    /// Sets your cost of the call in US cents. A text keeps all decimals.
    #[must_use]
    pub fn cost(self, cents: impl Into<UnitAmount>) -> Self {
        Self { cost: Some(cents.into()), ..self }
    }

    fn total(&self) -> i64 {
        self.total.unwrap_or_else(|| self.input.saturating_add(self.output))
    }
}

impl From<LlmCall> for LLMMetadata {
    fn from(call: LlmCall) -> Self {
        let total = call.total();
        let mut metadata = Self::new(call.vendor, call.model, call.input, call.output, total);
        metadata.cached_input_tokens = call.cached;
        metadata.prompt = call.prompt.map_or(Nullable::Absent, Nullable::Value);
        metadata.response = call.response.map_or(Nullable::Absent, Nullable::Value);
        metadata
    }
}

impl UsageRecorder {
    /// Runs the future and records its elapsed time. If the future is dropped before it is ready, nothing is recorded.
    ///
    /// # Errors
    /// The event was not recorded; see [`record`](Self::record). The error contains the output of the future.
    pub async fn record_elapsed<T>(
        &self,
        event: UsageEvent,
        work: impl Future<Output = T>,
    ) -> Result<T, (T, RecordError)> {
        let started = Instant::now();
        let output = work.await;
        match self.record(event.elapsed(started.elapsed())).await {
            Ok(()) => Ok(output),
            Err(error) => Err((output, error)),
        }
    }

    /// Wraps a reader, a writer or a stream of bytes, and records the number of bytes that pass through it.
    ///
    /// The event is recorded by [`Metered::finish`], or when the wrapper is dropped. A drop can't wait for room: if the
    /// recorder is full then, the event is counted as dropped.
    ///
    /// ```
    /// # use polar_client_kit::usage::{UsageEvent, UsageRecorder};
    /// # async fn download(recorder: UsageRecorder, file: tokio::fs::File) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut file = recorder.meter(file, UsageEvent::for_external_customer("download", "user_42"));
    /// tokio::io::copy(&mut file, &mut tokio::io::sink()).await?;
    /// file.finish().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn meter<T>(&self, inner: T, event: UsageEvent) -> Metered<T> {
        Metered { inner, meter: Meter { bytes: 0, pending: Some((self.clone(), event)) } }
    }
}

/// A reader, writer or stream whose bytes are counted. See [`UsageRecorder::meter`].
#[derive(Debug)]
pub struct Metered<T> {
    inner: T,
    meter: Meter,
}

/// Counts, and records when it is dropped.
#[derive(Debug)]
struct Meter {
    bytes: u64,
    pending: Option<(UsageRecorder, UsageEvent)>,
}

impl Meter {
    fn count(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some((recorder, event)) = self.pending.take() {
            // The recorder counts a failure as dropped.
            let _ = recorder.try_record(event.bytes(self.bytes));
        }
    }
}

impl<T> Metered<T> {
    /// Returns the number of bytes so far.
    pub fn bytes(&self) -> u64 {
        self.meter.bytes
    }

    /// Records the bytes so far, waits for room if necessary, and returns the wrapped value.
    ///
    /// # Errors
    /// The event was not recorded; see [`UsageRecorder::record`].
    pub async fn finish(mut self) -> Result<T, RecordError> {
        if let Some((recorder, event)) = self.meter.pending.take() {
            recorder.record(event.bytes(self.meter.bytes)).await?;
        }
        Ok(self.inner)
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Metered<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        self.meter.count(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Metered<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?;
        self.meter.count(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

impl<R: io::Read> io::Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.meter.count(read);
        Ok(read)
    }
}

impl<S, B, E> Stream for Metered<S>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
{
    type Item = Result<B, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(Pin::new(&mut self.inner).poll_next(cx));
        if let Some(Ok(bytes)) = &item {
            self.meter.count(bytes.as_ref().len());
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}
