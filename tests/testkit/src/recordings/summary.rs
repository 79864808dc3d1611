//! The results of all recordings.

use std::collections::{BTreeMap, BTreeSet};

use super::reasons::Reasons;
use super::{Recording, Replay, Replayer, Sent};
use crate::kept::{Kept, What};

/// Numbers of recordings by result. Each counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All that were replayed.
    pub played: usize,
    /// The same after a round trip.
    pub equal: usize,
    /// The same, with properties that the document does not declare.
    pub undeclared: usize,
    /// The same, with values or variants that the document does not know.
    pub unknown: usize,
    /// Not decoded, or not the same.
    pub failed: usize,
}

impl Tally {
    /// Counts one.
    pub fn count(&mut self, body: &Result<Vec<Kept>, String>) {
        self.played += 1;
        let of = match body {
            Err(_) => &mut self.failed,
            Ok(kept) if kept.is_empty() => &mut self.equal,
            Ok(kept) if kept.iter().all(|kept| kept.what == What::Property) => &mut self.undeclared,
            Ok(_) => &mut self.unknown,
        };
        *of += 1;
    }
}

/// Properties that the document does not declare: by the type that they are a property of, and by name, with the
/// number of recordings and one path.
pub type Undeclared = BTreeMap<String, BTreeMap<String, (usize, String)>>;

/// The results of all recordings.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// As recorded.
    pub raw: Tally,
    /// With the properties of a newer server.
    pub newer: Tally,
    /// Undeclared properties.
    pub undeclared: Undeclared,
    /// Values and variants that the document does not know: place and value, with the recordings and the reason.
    pub unknown: BTreeMap<(String, Option<String>), (Vec<String>, String)>,
    /// Failures as recorded, with their causes.
    pub failed: BTreeMap<String, String>,
    /// Names of recordings of no operation of the document.
    pub left_out: Vec<String>,
    /// Number of recorded requests that the client sends.
    pub sent: usize,
    /// Number of recorded requests whose arguments the client does not accept, and the API rejects, too.
    pub refused: usize,
    /// Operations with other requests that the client does not send: their number and the reason.
    pub not_sent: BTreeMap<String, (usize, String)>,
    /// All errors.
    pub problems: Vec<String>,
}

impl Summary {
    /// Replays all recordings.
    ///
    /// # Errors
    /// The server can't be started, or a recording contradicts itself.
    pub async fn of(recordings: &[Recording]) -> Result<Self, String> {
        let replayer = Replayer::start().await?;
        let mut reasons = Reasons::read()?;
        let mut summary = Self::default();
        for recording in recordings {
            let context = |error: String| format!("{}: {error}", recording.name);
            let raw = replayer.play(recording, false).await.map_err(context)?;
            let newer = replayer.play(recording, true).await.map_err(context)?;
            match (raw, newer) {
                (Some(raw), Some(newer)) => summary.add(recording, raw, newer, &mut reasons),
                _ => summary.left_out.push(recording.name.clone()),
            }
        }
        summary.problems.extend(reasons.unused());
        Ok(summary)
    }

    fn add(&mut self, recording: &Recording, raw: Replay, newer: Replay, reasons: &mut Reasons) {
        let name = &recording.name;
        self.raw.count(&raw.body);
        self.newer.count(&newer.body);
        if let Err(why) = raw.body {
            if !recording.explains(&why) {
                self.problems.push(format!("{name}, as recorded: {why}"));
            }
            self.failed.insert(name.clone(), why);
        }
        match newer.body {
            Ok(kept) => {
                kept.into_iter().collect::<BTreeSet<_>>().into_iter().for_each(|kept| self.keep(name, kept, reasons))
            }
            Err(why) => self.problems.push(format!("{name}, with newer members: {why}")),
        }
        match newer.sent {
            Some(Sent::Same) => self.sent += 1,
            Some(Sent::Other(how)) => self.problems.push(format!("{name}: the client sends another request: {how}")),
            // The API rejects it as well.
            Some(Sent::Nothing(_)) if recording.response.status >= 400 => self.refused += 1,
            Some(Sent::Nothing(why)) => match reasons.of_not_sent(&recording.operation) {
                Some(reason) => self.not_sent.entry(recording.operation.clone()).or_insert((0, reason)).0 += 1,
                None => self.problems.push(format!("{name}: the client does not send the request: {why}")),
            },
            None => {}
        }
    }

    fn keep(&mut self, name: &str, kept: Kept, reasons: &mut Reasons) {
        let Kept { path, of, what } = kept;
        match what {
            What::Property => {
                let property = path.rsplit('.').next().unwrap_or_default().to_owned();
                self.undeclared.entry(of).or_default().entry(property).or_insert((0, path)).0 += 1;
            }
            What::Variant(value) => match reasons.of_unknown(&path, value.as_deref()) {
                Some(reason) => {
                    let entry = self.unknown.entry((path, value)).or_insert((Vec::new(), reason));
                    entry.0.push(name.to_owned());
                }
                None => self.problems.push(format!("{name}: unknown at `{path}`: {value:?}")),
            },
        }
    }
}

impl Recording {
    /// Returns whether a failure is about a required, non-null property that a newer server sends.
    fn explains(&self, why: &str) -> bool {
        self.newer_members.iter().filter(|member| !member.value.is_null()).any(|member| {
            let name = member.pointer.rsplit('/').next().unwrap_or_default();
            why.contains(&format!("missing field `{name}`"))
        })
    }
}
