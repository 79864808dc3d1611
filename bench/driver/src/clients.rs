//! The same request by different clients.

use futures_util::TryStreamExt as _;
use http::header::{ACCEPT, AUTHORIZATION, USER_AGENT};
use polar_client::Polar;
use polar_client::models::ListResourceProduct;

const TOKEN: &str = "polar_oat_of_nobody";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Ours,
    Bare,
    PolarSh,
}

impl Who {
    pub(crate) const ALL: [Self; 3] = [Self::Ours, Self::Bare, Self::PolarSh];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Bare => "bare reqwest",
            Self::PolarSh => "polar-sh",
        }
    }

    pub(crate) fn client(self, url: &str) -> Result<Client, String> {
        Ok(match self {
            Self::Ours => {
                let polar = Polar::builder().access_token(TOKEN).base_url(url).build();
                Client::Ours(polar.map_err(|error| error.to_string())?)
            }
            Self::Bare => Client::Bare(Bare { client: reqwest::Client::new(), url: url.to_owned() }),
            Self::PolarSh => Client::PolarSh(polar_sh::Polar::builder(TOKEN).base_url(url).build()),
        })
    }
}

/// A client that is ready to ask.
#[derive(Clone)]
pub(crate) enum Client {
    Ours(Polar),
    Bare(Bare),
    PolarSh(polar_sh::Polar),
}

/// What somebody writes who has reqwest and the types.
#[derive(Clone)]
pub(crate) struct Bare {
    client: reqwest::Client,
    url: String,
}

impl Bare {
    async fn list(&self, page: u64, limit: u64) -> Result<ListResourceProduct, String> {
        let url = format!("{}/v1/products/?limit={limit}&page={page}", self.url);
        let request = self.client.get(url).header(AUTHORIZATION, format!("Bearer {TOKEN}"));
        let request = request.header("polar-version", "2026-10").header(USER_AGENT, "bare/1.0");
        let response = request.header(ACCEPT, "application/json").send().await.map_err(say)?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status()));
        }
        serde_json::from_slice(&response.bytes().await.map_err(say)?).map_err(say)
    }
}

impl Client {
    /// Asks for one page; gives the number of its items.
    pub(crate) async fn call(&self) -> Result<usize, String> {
        match self {
            Self::Ours(polar) => Ok(polar.products().list().limit(10).page(1).await.map_err(say)?.items.len()),
            Self::Bare(bare) => Ok(bare.list(1, 10).await?.items.len()),
            Self::PolarSh(polar) => {
                use polar_sh::Resources as _;
                let params = polar_sh::operations::ProductsListParams {
                    limit: Some(10),
                    page: Some(1),
                    ..polar_sh::operations::ProductsListParams::default()
                };
                Ok(polar.products().list(&params).await.map_err(say)?.items.len())
            }
        }
    }

    /// Goes through the whole list; gives the number of its items.
    pub(crate) async fn stream(&self) -> Result<usize, String> {
        match self {
            Self::Ours(polar) => {
                let mut items = polar.products().list().limit(100).items();
                let mut count = 0;
                while items.try_next().await.map_err(say)?.is_some() {
                    count += 1;
                }
                Ok(count)
            }
            Self::Bare(bare) => {
                let (mut count, mut page) = (0, 1);
                loop {
                    let list = bare.list(page, 100).await?;
                    for item in list.items {
                        drop(item);
                        count += 1;
                    }
                    if i64::try_from(page).is_ok_and(|page| page >= list.pagination.max_page) {
                        return Ok(count);
                    }
                    page += 1;
                }
            }
            Self::PolarSh(_) => Err("polar-sh is not asked for whole lists".to_owned()),
        }
    }
}

/// A runtime on this thread alone, so that what is counted on the thread is all there is.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(say)
}

fn say(error: impl std::fmt::Display) -> String {
    error.to_string()
}
