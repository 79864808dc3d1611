//! A server that gives one answer to everything, in a separate process.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

use bench_pages::{Kind, page, plain};

/// A server that runs until it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) url: String,
}

impl Server {
    /// Starts this program anew as a server. Each of its pages has `count` products, out of `total`.
    pub(crate) fn start(count: usize, total: usize) -> Result<Self, String> {
        let failed = |error: io::Error| format!("can't start the server: {error}");
        // The program that counts allocations stands beside the one that knows how to serve.
        let own = std::env::current_exe().map_err(failed)?;
        let program = own.with_file_name("bench-driver").with_extension(own.extension().unwrap_or_default());
        let mut command = Command::new(program);
        command.args(["serve", &count.to_string(), &total.to_string()]);
        // The server ends with its standard input, and so also where nobody drops this.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut url = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut url).map_err(failed)?;
        }
        Ok(Self { child, url: url.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that is gone already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server's side: says where it listens, and answers each request with the same page.
pub(crate) fn serve(count: usize, total: usize) -> io::Result<()> {
    // All clients have to be able to read it.
    let body = plain(&page(Kind::Products, count, total));
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\npolar-version: 2026-10\r\n\r\n",
        body.len()
    );
    let answer: &'static [u8] = (head + &body).into_bytes().leak();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A connection ends where the client ends it.
            thread::spawn(move || answer_all(connection, answer));
        }
    });
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}

fn answer_all(connection: TcpStream, answer: &[u8]) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut lines = BufReader::new(connection.try_clone()?);
    let mut connection = connection;
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        // Requests have no body: an empty line is their end.
        if line == "\r\n" {
            connection.write_all(answer)?;
        }
        line.clear();
    }
    Ok(())
}
