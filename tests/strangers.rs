//! Scenarios from unknown sources are safe to open: arcosim reads only their own files, writes only to their output
//! folder, and none of their texts is executed in a spreadsheet, a web page or a terminal.

use crate::common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::program::{Folder, code, contents};

/// Writes the small scenario of `arcosim new` to `study`.
fn study(folder: &Folder) {
    code(&folder.arcosim(&["new", "study"]), 0);
}

fn edit(path: &Path, changes: &[(&str, &str)]) {
    let mut text = fs::read_to_string(path).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in {}", path.display());
        text = text.replace(from, to);
    }
    fs::write(path, text).unwrap();
}

fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(both).unwrap()
}

/// Whether a character is a control character that must never reach a terminal or a file.
fn commands(c: char) -> bool {
    c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[track_caller]
fn harmless(what: &str, text: &str) {
    if let Some(at) = text.find(commands) {
        let from = text[..at].char_indices().rev().nth(60).map_or(0, |(from, _)| from);
        panic!("{what} holds {:?}", &text[from..(at + 1).min(text.len())]);
    }
}

/// A secret file in another folder, and scenarios that try to read it.
const SECRET: &str = "name,kind,base,unit,source\nTOPSECRET,rate,31415,per year,TOPSECRET\n";

#[test]
fn a_scenario_reads_nothing_outside_its_folders() {
    let folder = Folder::new();
    study(&folder);
    let at = |name: &str| folder.0.join(name);
    fs::create_dir_all(at("private/deep")).unwrap();
    fs::create_dir_all(at("study/.hidden")).unwrap();
    for name in ["private/secret.csv", "private/secret.toml", "study/.hidden/secret.csv"] {
        fs::write(at(name), SECRET).unwrap();
    }
    let absolute = at("private/secret.csv").to_string_lossy().replace('\\', "/");
    let mut names = vec![
        "../private/secret.csv".to_string(),
        "./x/../../private/secret.csv".into(),
        "../private/no_such_file.csv".into(),
        ".hidden/secret.csv".into(),
        absolute,
        "/etc/passwd".into(),
        "/dev/zero".into(),
        "../../../../../../../../../../etc/passwd".into(),
        "\\\\\\\\server\\\\share\\\\secret.csv".into(),
        "//server/share/secret.csv".into(),
        "NUL".into(),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(at("private/secret.csv"), at("study/link.csv")).unwrap();
        std::os::unix::fs::symlink(at("private"), at("study/away")).unwrap();
        names.extend(["link.csv".into(), "away/secret.csv".into()]);
    }
    let ways = [
        "extends = \"NAME\"\n",
        "extends = \"scenario.toml\"\nparameters = \"NAME\"\n",
        "extends = \"scenario.toml\"\nparameters = [\"parameters.csv\", \"NAME\"]\n",
        "extends = \"scenario.toml\"\n[tables.t]\nfile = \"NAME\"\nkind = \"number\"\nby = [\"age\"]\n",
        "extends = \"scenario.toml\"\n[uncertainty.given]\nfile = \"NAME\"\n",
        "extends = \"scenario.toml\"\n[expected]\nfile = \"NAME\"\n",
    ];
    for name in &names {
        for way in ways {
            let text = way.replace("NAME", name);
            fs::write(at("study/evil.toml"), &text).unwrap();
            let output = folder.arcosim(&["check", "study/evil.toml"]);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(2), "{text}\n{said}");
            let known = ["E0115", "E0110"].iter().any(|code| said.contains(code));
            assert!(known && said.contains("--> study/evil.toml:"), "{text}\n{said}");
            assert!(!said.contains("TOPSECRET") && !said.contains("root:"), "{text}\n{said}");
            // The message must not reveal whether the file exists.
            assert!(!said.contains("there is no file") && !said.contains("did you mean"), "{text}\n{said}");
        }
    }
    // A user who trusts the scenario can allow access in every command; the secret is then read and reported as
    // invalid.
    fs::write(at("study/evil.toml"), ways[1].replace("NAME", "../private/secret.csv")).unwrap();
    let trusted = |args: &[&str]| said(&folder.arcosim(&[args, &["--root", "."]].concat()));
    for command in ["check", "run", "psa", "voi", "dsa"] {
        let said = trusted(&[command, "study/evil.toml"]);
        assert!(!said.contains("E0115") && said.contains("TOPSECRET"), "{command}: {said}");
    }
    let said = trusted(&["diff", "study/scenario.toml", "study/evil.toml"]);
    assert!(!said.contains("E0115") && said.contains("TOPSECRET"), "{said}");
    let said = trusted(&["explain", "TOPSECRET", "--scenario", "study/evil.toml"]);
    assert!(!said.contains("E0115"), "{said}");
    // A folder that does not exist allows no access.
    let output = folder.arcosim(&["check", "study/scenario.toml", "--root", "nowhere"]);
    code(&output, 2);
}

#[test]
fn variants_below_a_study_read_the_study() {
    let folder = Folder::new();
    study(&folder);
    fs::create_dir_all(folder.0.join("study/variants")).unwrap();
    let overlay = "extends = \"../scenario.toml\"\n[set]\n\"cost.care\" = 200\n";
    fs::write(folder.0.join("study/variants/dear.toml"), overlay).unwrap();
    code(&folder.arcosim(&["check", "study/variants/dear.toml"]), 0);
}

#[test]
fn nothing_is_written_outside_the_output_folder() {
    let folder = Folder::new();
    study(&folder);
    let scenario = folder.0.join("study/scenario.toml");
    let sound = fs::read_to_string(&scenario).unwrap();
    // Names that lead to a parent folder, start at the root or could act as a command are rejected.
    for name in [
        "../up",
        "/root",
        "a/b",
        "a\\\\b",
        "..",
        "a\\u0000b",
        "C:x",
        "x.y",
        "a b",
        " ",
        "-x",
        "=x",
        "\u{202e}x",
    ] {
        for (from, to) in [
            ("[strategies.prevention]", "[strategies.\"NAME\"]"),
            ("[endpoints.illness]", "[endpoints.\"NAME\"]"),
            ("[outcomes.qaly]", "[outcomes.\"NAME\"]"),
            ("ill  = { label = \"Ill\" }", "\"NAME\" = { label = \"Ill\" }"),
            ("[transitions.fall_ill]", "[transitions.\"NAME\"]"),
            ("alive = { except", "\"NAME\" = { except"),
        ] {
            assert!(sound.contains(from), "{from}");
            fs::write(&scenario, sound.replace(from, &to.replace("NAME", name))).unwrap();
            let output = folder.arcosim(&["run", "study/scenario.toml"]);
            code(&output, 2);
            harmless(name, &said(&output));
        }
    }
    for name in ["../up", "/root", "a/b", "..", "=x", ".x"] {
        fs::write(&scenario, &sound).unwrap();
        let mut table = fs::read_to_string(folder.0.join("study/parameters.csv")).unwrap();
        table.push_str(&format!("{name},rate,1,per year,,,,,,,x,assumption,\n"));
        fs::write(folder.0.join("study/odd.csv"), table).unwrap();
        fs::write(folder.0.join("study/odd.toml"), "extends = \"scenario.toml\"\nparameters = \"odd.csv\"\n")
            .unwrap();
        code(&folder.arcosim(&["check", "study/odd.toml"]), 2);
    }
    assert_eq!(folder.names(), ["study"]);
    // File names that Windows reserves for devices are extended to longer names.
    let con = sound.replace("strategies.prevention", "strategies.con").replace("\"prevention\"", "\"con\"");
    let con = con.replace("endpoints.illness", "endpoints.nul");
    fs::write(&scenario, con).unwrap();
    code(&folder.arcosim(&["run", "study/scenario.toml", "-q", "-n", "100"]), 0);
    for (name, _) in contents(&folder.0.join("output")) {
        let stem = name.rsplit('/').next().unwrap().split('.').next().unwrap().to_lowercase();
        assert!(!["con", "nul", "prn", "aux"].contains(&stem.as_str()), "{name}");
    }
    // The name of the scenario file or folder cannot lead out of `output` either.
    fs::write(&scenario, &sound).unwrap();
    for name in ["...toml", "..toml", "con.toml"] {
        fs::copy(&scenario, folder.0.join(name)).unwrap();
        fs::copy(folder.0.join("study/parameters.csv"), folder.0.join("parameters.csv")).unwrap();
        let output = folder.arcosim(&["run", name, "-q", "--engine", "cohort"]);
        code(&output, 0);
        fs::remove_file(folder.0.join(name)).unwrap();
    }
    assert_eq!(folder.names(), ["output", "parameters.csv", "study"]);
    let mut written: Vec<_> =
        fs::read_dir(folder.0.join("output")).unwrap().map(|e| e.unwrap().file_name()).collect();
    written.sort();
    // `con.toml` takes its name from the test's own folder; the test only requires that all results are in `output`.
    assert!(written.len() >= 2, "{written:?}");
}

/// Texts that a spreadsheet, a web page, a Markdown viewer or a shell would execute.
const HOSTILE: [&str; 8] = [
    "=HYPERLINK('http://x','y')",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "a;=1+1",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "![x](http://x/y.png)](http://x) `id`",
    "]]></text><script>alert(1)</script>&lt;",
];

#[test]
fn no_text_of_a_scenario_is_acted_on() {
    let folder = Folder::new();
    study(&folder);
    let scenario = folder.0.join("study/scenario.toml");
    let text = |i: usize| HOSTILE[i % HOSTILE.len()].replace('\\', "\\\\").replace('"', "\\\"");
    // Replace every text of the scenario with a hostile text.
    let mut n = 0;
    let mut hostile = String::new();
    for line in fs::read_to_string(&scenario).unwrap().lines() {
        let mut line = line.to_string();
        for key in ["label", "free", "title", "source", "note"] {
            for (equals, close) in [
                (" = \"", "\""),
                ("      = \"", "\""),
                ("  = \"", "\""),
                ("     = \"", "\""),
                ("   = \"", "\""),
            ] {
                let from = format!("{key}{equals}");
                if let Some(at) = line.find(&from).map(|at| at + from.len()) {
                    let end = at + line[at..].find(close).unwrap();
                    line.replace_range(at..end, &text(n));
                    n += 1;
                    break;
                }
            }
        }
        hostile.push_str(&line);
        hostile.push('\n');
    }
    assert!(n > 15, "{n} texts");
    // A group has no unit, so the hostile unit is given to an outcome.
    hostile = hostile.replace("unit       = \"QALYs\"", &format!("unit       = \"{}\"", text(0)));
    let hostile = format!(
        "{hostile}\n[rewards.more]\noutcome = \"qaly\"\ncategory = \"{}\"\nonce = -1\non = \"fall_ill\"\n",
        text(5)
    );
    fs::write(&scenario, hostile).unwrap();
    let table = folder.0.join("study/parameters.csv");
    let mut rows = csv::Reader::from_path(&table).unwrap();
    let header = rows.headers().unwrap().clone();
    let mut writer = csv::Writer::from_path(folder.0.join("study/hostile.csv")).unwrap();
    writer.write_record(&header).unwrap();
    for (i, row) in rows.records().enumerate() {
        let row = row.unwrap();
        let cells = header.iter().zip(row.iter()).map(|(name, cell)| match name {
            "source" | "note" => HOSTILE[i % HOSTILE.len()].to_string(),
            _ => cell.to_string(),
        });
        writer.write_record(cells.collect::<Vec<_>>()).unwrap();
    }
    writer.flush().unwrap();
    edit(&scenario, &[("\"parameters.csv\"", "\"hostile.csv\"")]);
    fs::write(folder.0.join("study/other.toml"), "extends = \"scenario.toml\"\n[set]\n\"cost.care\" = 200\n[strategies.prevention]\nlabel = \"=2+2\"\n").unwrap();

    let base = "study/scenario.toml";
    let commands: [&[&str]; 8] = [
        &["check", base],
        &["run", base, "-n", "500", "--histories", "3", "--out", "out/run"],
        &["psa", base, "--draws", "60", "--out", "out/psa"],
        &["voi", base, "--draws", "100", "--out", "out/voi"],
        &[
            "dsa",
            base,
            "--out",
            "out/dsa",
            "--two-way",
            "cost.care,hr.prevention",
            "--scenarios",
            "study/other.toml",
        ],
        &["diff", base, "study/other.toml", "--out", "out/diff"],
        &["explain", "cost.care", "--scenario", base],
        &["explain", "rate.ill", "--scenario", base],
    ];
    for command in commands {
        let output = folder.arcosim(command);
        let said = said(&output);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{command:?}\n{said}");
        harmless(&format!("{command:?}"), &said);
    }
    let files = contents(&folder.0.join("out"));
    assert!(files.len() > 60, "{}", files.len());
    let mut seen = 0;
    for (name, bytes) in &files {
        if name.ends_with(".png") {
            continue;
        }
        let text = std::str::from_utf8(bytes).unwrap();
        harmless(name, text);
        // Copies of inputs are unchanged, because programs read them.
        if name.ends_with(".csv") && !name.contains("/inputs/") {
            seen += usize::from(text.contains("'=HYPERLINK"));
            cells_are_no_formulas(name, text);
        }
        if name.ends_with(".svg") {
            for tag in ["<script", "<img", "]]>", "onerror=alert(1)>"] {
                assert!(!text.contains(tag), "{name} holds {tag}");
            }
            roughly_xml(name, text);
        }
        if name.ends_with(".md") {
            for (at, _) in text
                .match_indices("<script")
                .chain(text.match_indices("<img"))
                .chain(text.match_indices("[x]"))
            {
                assert_eq!(text.as_bytes()[at - 1], b'\\', "{name}: {}", &text[at..at + 10]);
            }
        }
    }
    assert!(seen > 3, "the hostile texts are not where they were looked for");
}

/// No cell starts like a formula unless it is a number, even if a program splits cells at semicolons.
#[track_caller]
fn cells_are_no_formulas(name: &str, text: &str) {
    let begins = |cell: &str| {
        cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}']) && cell.parse::<f64>().is_err()
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.unwrap();
        assert!(!record.iter().any(begins), "{name}: {record:?}");
    }
    for line in text.lines() {
        assert!(!line.split(';').skip(1).any(begins), "{name}: {line}");
    }
}

/// Every `<` starts one of the elements that figures contain.
#[track_caller]
fn roughly_xml(name: &str, text: &str) {
    for (at, _) in text.match_indices('<') {
        let element: String =
            text[at + 1..].chars().take_while(|c| c.is_ascii_alphabetic() || *c == '/').collect();
        let known = [
            "svg", "title", "desc", "rect", "text", "polyline", "polygon", "circle", "path", "g", "line",
            "defs",
        ];
        let element = element.trim_start_matches('/').trim_end_matches('/');
        assert!(known.contains(&element), "{name}: <{element}");
    }
}

/// Control characters in every text, both raw and as TOML escapes, never reach a terminal.
#[test]
fn no_control_character_comes_through() {
    let folder = Folder::new();
    study(&folder);
    let scenario = folder.0.join("study/scenario.toml");
    let sound = fs::read_to_string(&scenario).unwrap();
    let table = folder.0.join("study/parameters.csv");
    let numbers = fs::read_to_string(&table).unwrap();
    let evil = [
        "\u{1b}[2J",
        "\u{1b}]8;;http://x\u{7}",
        "\u{9b}31m",
        "\u{202e}txt",
        "\u{2066}x",
        "a\u{8}b",
        "a\u{7f}b",
        "a\u{85}b",
    ];
    for evil in evil {
        let written: String = evil.chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
        for from in [
            "Well, ill, dead: a scenario",
            "Falling ill",
            "Usual care",
            "Care of the ill",
            "unit       = \"EUR",
            "source = \"assumption",
        ] {
            for evil in [evil, written.as_str()] {
                fs::write(&scenario, sound.replace(from, &format!("{from}{evil}"))).unwrap();
                let output = folder.arcosim(&["run", "study", "--out", "out", "-n", "100"]);
                code(&output, 2);
                harmless(from, &said(&output));
            }
        }
        // Also in places where no text is expected: names, keywords, formulas, files, keys.
        for (from, to) in [
            ("\"1 month\"", "\"1 month EVIL\""),
            ("engine   = \"both\"", "engine   = \"EVIL\""),
            ("\"rate.ill * hr.ill[sex]\"", "\"rate.ill * EVIL\""),
            ("\"parameters.csv\"", "\"EVIL.csv\""),
            ("[run]", "[run]\n\"EVIL\" = 1"),
            ("enters    = \"ill\"", "enters    = \"EVIL\""),
            ("[transitions.die]", "[transitions.\"EVIL\"]"),
        ] {
            for evil in [evil, written.as_str()] {
                fs::write(&scenario, sound.replace(from, &to.replace("EVIL", evil))).unwrap();
                let output = folder.arcosim(&["check", "study"]);
                // A file with this name does not exist, so exit code 3 is also allowed.
                let codes = if from.contains("csv") { [2, 3] } else { [2, 2] };
                assert!(output.status.code().is_some_and(|code| codes.contains(&code)), "{from} {evil:?}");
                harmless(from, &said(&output));
            }
        }
        fs::write(&scenario, &sound).unwrap();
        for from in ["An invented figure.", "assumption", "EUR per month", "rate.ill", "lognormal", "base"] {
            fs::write(&table, numbers.replacen(from, &format!("{from}{evil}"), 1)).unwrap();
            let output = folder.arcosim(&["check", "study"]);
            code(&output, 2);
            harmless(from, &said(&output));
        }
        fs::write(&table, &numbers).unwrap();
    }
    assert_eq!(folder.names(), ["study"]);
}

/// File and folder names also come from the unknown archive.
#[cfg(unix)]
#[test]
fn a_path_commands_no_terminal() {
    let folder = Folder::new();
    study(&folder);
    let evil = "x\u{1b}[31m\u{9b}\u{202e}\u{7};=1+1<script>";
    fs::rename(folder.0.join("study"), folder.0.join(evil)).unwrap();
    let file = format!("{evil}/scenario.toml");
    for command in [vec!["check", &file], vec!["run", &file, "-n", "100"], vec!["check", "no\u{1b}[31m.toml"]]
    {
        let output = folder.arcosim(&command);
        harmless(&format!("{command:?}"), &said(&output));
    }
    for (name, bytes) in contents(&folder.0.join("output")) {
        harmless("a name", &name);
        if !name.ends_with(".png") {
            harmless(&name, std::str::from_utf8(&bytes).unwrap());
        }
    }
}

/// A line break in a cell is allowed, because Excel can write one, but it must not forge a line of output.
#[test]
fn a_line_break_in_a_cell_forges_no_line() {
    let folder = Folder::new();
    study(&folder);
    let table = folder.0.join("study/parameters.csv");
    edit(&table, &[("Mortality of the well.", "\"one\r\n  evidence      rct\rtwo\"")]);
    let output = folder.arcosim(&["explain", "rate.death", "--scenario", "study"]);
    code(&output, 0);
    let said = said(&output);
    assert!(said.contains("one evidence rct two"), "{said}");
    harmless("explain", &said);
    code(&folder.arcosim(&["run", "study", "--engine", "cohort", "--out", "out", "-q"]), 0);
    harmless("a table", &fs::read_to_string(folder.0.join("out/parameters_used.csv")).unwrap());
}

/// Files that are made too large are rejected, or reported in limited time and space.
#[test]
fn sizes_have_limits() {
    let folder = Folder::new();
    study(&folder);
    let write = |name: &str, text: String| fs::write(folder.0.join("study").join(name), text).unwrap();
    let file = fs::File::create(folder.0.join("study/large.csv")).unwrap();
    file.set_len(70 << 20).unwrap();
    let header = "name,kind,base,unit,source";
    write("wide.csv", format!("{header}{}\nx,rate,1,per year,A\n", ",c".repeat(20_000)));
    let rows =
        |kind: &str, n: usize| (0..n).map(|i| format!("r{i},{kind},1,per year,A\n")).collect::<String>();
    write("long.csv", format!("{header}\n{}", rows("rate", 20_000)));
    write("wrong.csv", format!("{header}\n{}", rows("hasard", 5_000)));
    let over = |rest: &str| format!("extends = \"scenario.toml\"\n{rest}\n");
    let rate = |rate: String| over(&format!("[transitions.fall_ill]\nrate = \"{rate}\""));
    let n = 100_000;
    for (name, text, code) in [
        ("large", over("parameters = \"large.csv\""), "E0116"),
        ("wide", over("parameters = \"wide.csv\""), "E0116"),
        ("long", over("parameters = [\"parameters.csv\", \"long.csv\"]"), "W0501"),
        ("wrong", over("parameters = \"wrong.csv\""), "E0203"),
        ("brackets", rate("(".repeat(n) + "1" + &")".repeat(n)), "E0315"),
        ("nested", rate("(".repeat(200) + "1" + &")".repeat(200)), "E0315"),
        ("chain", rate(vec!["1"; n].join("+")), "E0315"),
        ("tower", rate(vec!["1"; 400].join("^")), "E0315"),
        ("signs", rate("-".repeat(400) + "1"), "E0315"),
        ("lists", over(&format!("x = {}{}", "[".repeat(n), "]".repeat(n))), "E0106"),
        ("tables", over(&format!("x = {}1{}", "{a=".repeat(n), "}".repeat(n))), "E0106"),
        ("dots", over(&format!("{}a = 1", "a.".repeat(n))), "E0106"),
        ("header", over(&format!("[{}a]\nb = 1", "a.".repeat(n))), "E0106"),
        ("keys", over(&(0..3_000).map(|i| format!("k{i} = 1\n")).collect::<String>()), "E0401"),
        ("lines", over(&"x x\n".repeat(3_000)), "E0106"),
        ("myself", "extends = \"myself.toml\"\n".into(), "E0109"),
    ] {
        write(&format!("{name}.toml"), text);
        let began = std::time::Instant::now();
        let output = folder.arcosim(&["check", &format!("study/{name}.toml")]);
        let said = said(&output);
        let lines = said.lines().count();
        assert!(matches!(output.status.code(), Some(0 | 2)), "{name}: {:?} {said}", output.status);
        assert!(said.contains(code), "{name}: no {code}\n{}", &said[..said.len().min(2000)]);
        assert!(said.len() < 300_000, "{name} says {lines} lines");
        let seconds = began.elapsed().as_secs_f64();
        println!("{name}: {seconds:.2} s, {lines} lines");
        assert!(seconds < 60.0, "{name} took {seconds:.0} s");
    }
}
