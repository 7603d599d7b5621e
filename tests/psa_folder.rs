//! `arcosim psa` and `arcosim voi` end to end: contents of output folders, identical bytes with any number of threads,
//! files read back by arcosim and by other programs, and error messages.

use crate::common;

use std::fs;

use common::program::{Folder, code, contents};

/// A folder with the study that `arcosim new` writes.
fn study() -> Folder {
    let folder = Folder::new();
    code(&folder.arcosim(&["new", "study"]), 0);
    folder
}

fn lines(folder: &Folder, path: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.0.join(path)).unwrap();
    text.lines().map(str::to_string).collect()
}

#[test]
fn the_folder_of_the_draws_explains_itself_and_threads_do_not_show() {
    let folder = study();
    for threads in ["1", "2"] {
        let args = ["psa", "study", "--draws", "64", "--threads", threads, "--out", threads];
        let output = folder.arcosim(&args);
        code(&output, 0);
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.contains("Probability most cost-effective"), "{stdout}");
        assert!(stdout.contains("EVPI"), "{stdout}");
        assert!(stdout.lines().last().unwrap().ends_with("README.txt"));
    }
    let files = contents(&folder.0.join("1"));
    assert!(files == contents(&folder.0.join("2")), "threads show");
    let dictionary = fs::read_to_string(folder.0.join("1/data_dictionary.csv")).unwrap();
    for name in [
        "psa/draws.csv",
        "psa/results.csv",
        "psa/costs.csv",
        "psa/effects.csv",
        "tables/psa_parameters.csv",
        "tables/psa_summary.csv",
        "tables/ceac.csv",
        "tables/evpi.csv",
        "tables/psa_plane.csv",
        "tables/psa_convergence.csv",
        "figures/ce_plane.svg",
        "figures/ceac.svg",
        "figures/ceaf.svg",
        "figures/expected_loss.svg",
        "figures/evpi.svg",
        "figures/psa_convergence.svg",
    ] {
        assert!(files.iter().any(|f| f.0 == name), "no {name}");
    }
    for (name, bytes) in files.iter().filter(|f| f.0.ends_with(".csv") && !f.0.starts_with("inputs/")) {
        let text = std::str::from_utf8(bytes).unwrap();
        for column in text.lines().next().unwrap().split(',') {
            assert!(dictionary.contains(&format!("{name},{column},")), "{name} {column}");
        }
        let bad = |cell: &str| ["nan", "inf", "-inf"].contains(&cell.to_lowercase().as_str());
        assert!(!text.lines().flat_map(|l| l.split(',')).any(bad), "{name}");
    }
    for name in ["psa/draws.csv", "psa/results.csv", "psa/costs.csv", "psa/effects.csv"] {
        assert_eq!(lines(&folder, &format!("1/{name}")).len(), 65, "{name}");
    }
}

/// The acceptability curves in the file sum to one at every threshold.
#[test]
fn probabilities_sum_to_one_in_the_file() {
    let folder = study();
    code(&folder.arcosim(&["psa", "study", "--draws", "50", "--out", "out", "-q"]), 0);
    let mut sums: std::collections::BTreeMap<String, f64> = Default::default();
    for line in &lines(&folder, "out/tables/ceac.csv")[1..] {
        let cells: Vec<&str> = line.split(',').collect();
        *sums.entry(cells[2].to_string()).or_default() += cells[3].parse::<f64>().unwrap();
    }
    assert!(sums.len() > 50);
    assert!(sums.values().all(|sum| (sum - 1.0).abs() < 1e-12));
}

#[test]
fn one_draw_alone_is_the_row_of_the_whole() {
    let folder = study();
    code(&folder.arcosim(&["psa", "study", "--draws", "40", "--out", "out", "-q"]), 0);
    let output = folder.arcosim(&["psa", "study", "--draws", "40", "--draw", "7"]);
    code(&output, 0);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let results = lines(&folder, "out/psa/results.csv");
    let names: Vec<&str> = results[0].split(',').collect();
    let cells: Vec<&str> = results[7].split(',').collect();
    let found = names.iter().zip(&cells).filter(|(name, _)| name.starts_with("cost_"));
    let mut seen = 0;
    for (_, cell) in found {
        assert!(stdout.contains(&format!("cost {cell} ")), "{cell} is not in\n{stdout}");
        seen += 1;
    }
    assert!(seen > 1);
}

/// Draws written by one analysis and read by another lead to the same results, except for the last digit of a division.
#[test]
fn draws_read_back_give_the_same_results() {
    let folder = study();
    code(&folder.arcosim(&["psa", "study", "--draws", "20", "--out", "out", "-q"]), 0);
    fs::copy(folder.0.join("out/psa/draws.csv"), folder.0.join("study/draws.csv")).unwrap();
    let given = "format = 1\nextends = \"scenario.toml\"\n[uncertainty]\ngiven = { file = \"draws.csv\" }\n";
    fs::write(folder.0.join("study/given.toml"), given).unwrap();
    code(&folder.arcosim(&["psa", "study/given.toml", "--draws", "20", "--out", "again", "-q"]), 0);
    let [one, other] = ["out", "again"].map(|out| lines(&folder, &format!("{out}/psa/results.csv")));
    assert_eq!(one[0], other[0]);
    for (a, b) in one[1..].iter().zip(&other[1..]) {
        for (a, b) in a.split(',').zip(b.split(',')) {
            let (a, b): (f64, f64) = (a.parse().unwrap(), b.parse().unwrap());
            assert!((a - b).abs() <= 1e-12 * a.abs(), "{a} is not {b}");
        }
    }
}

#[test]
fn the_value_of_information_is_ranked_and_within_perfect_information() {
    let folder = study();
    let output = folder.arcosim(&["voi", "study", "--draws", "300", "--out", "out"]);
    code(&output, 0);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("perfect information (EVPI)"), "{stdout}");
    let rows = lines(&folder, "out/tables/evppi.csv");
    let values: Vec<f64> =
        rows[1..].iter().map(|row| row.split(',').nth(3).unwrap().parse().unwrap()).collect();
    assert!(values.len() > 5);
    assert!(values.windows(2).all(|pair| pair[0] >= pair[1]), "{values:?}");
    let shares = rows[1..].iter().filter_map(|row| row.split(',').nth(5)?.parse::<f64>().ok());
    assert!(shares.into_iter().all(|share| (0.0..=1.0 + 1e-12).contains(&share)));
    assert!(folder.0.join("out/figures/evppi.svg").is_file());
}

#[test]
fn what_cannot_be_drawn_is_said_and_nothing_is_written() {
    let folder = study();
    let study = folder.0.join("study");
    let text = fs::read_to_string(study.join("scenario.toml")).unwrap();
    let undecided = text.split("[decision]").next().unwrap();
    fs::write(study.join("undecided.toml"), undecided).unwrap();
    let certain = "format = 1\nextends = \"scenario.toml\"\nparameters = \"certain.csv\"\n";
    fs::write(study.join("certain.toml"), certain).unwrap();
    let numbers = fs::read_to_string(study.join("parameters.csv")).unwrap();
    let column = numbers.lines().next().unwrap().split(',').position(|c| c == "distribution").unwrap();
    let fixed: Vec<String> = numbers
        .lines()
        .enumerate()
        .map(|(i, line)| {
            let cells = line.split(',').enumerate();
            let cells: Vec<&str> =
                cells.map(|(c, cell)| if i > 0 && c == column { "fixed" } else { cell }).collect();
            cells.join(",")
        })
        .collect();
    fs::write(study.join("certain.csv"), fixed.join("\n")).unwrap();
    for (args, said) in [
        (vec!["psa", "study/undecided.toml"], "has no [decision]"),
        (vec!["psa", "study/certain.toml"], "no parameter of scenario"),
        (vec!["psa", "study", "--draws", "10", "--draw", "11"], "there is no draw 11"),
        (vec!["psa", "study", "--patients", "10"], "--patients needs --engine microsim"),
        (vec!["psa", "study", "--engine", "both"], "runs on one engine"),
        (vec!["psa", "study", "--sampling", "halton"], "latin hypercube"),
        (vec!["voi", "study", "--draw", "1"], "belongs to `arcosim psa`"),
    ] {
        let output = folder.arcosim(&args);
        code(&output, 2);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(said), "{args:?} says\n{stderr}");
    }
    assert_eq!(folder.names(), ["study"]);
}

#[test]
fn patients_add_noise_that_is_told_apart() {
    let folder = study();
    let args =
        ["psa", "study", "--draws", "30", "--engine", "microsim", "--patients", "500", "--out", "out", "-q"];
    code(&folder.arcosim(&args), 0);
    let rows = lines(&folder, "out/tables/psa_summary.csv");
    let names: Vec<&str> = rows[0].split(',').collect();
    let at = |name: &str| names.iter().position(|n| *n == name).unwrap();
    let (quantity, share, sd, clean) = (at("quantity"), at("noise_share"), at("sd"), at("sd_without_noise"));
    let mut seen = 0;
    for row in rows[1..].iter().map(|row| row.split(',').collect::<Vec<_>>()) {
        if row[quantity] == "net_benefit" {
            assert_eq!(row[share], "");
            continue;
        }
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        assert!(number(share) > 0.0, "{row:?}");
        assert!(number(clean) < number(sd), "{row:?}");
        seen += 1;
    }
    assert!(seen >= 4);
}
