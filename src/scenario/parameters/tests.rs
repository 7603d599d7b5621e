//! Tests of parameter tables with typical mistakes of users and typical output of Excel.

use super::*;
use crate::diagnostic::render;

fn read(text: &str) -> (Vec<ParameterRow>, String) {
    let mut sources = Sources::default();
    let file = sources.add("parameters.csv", text);
    let mut out = Diagnostics::default();
    let rows = read_parameters(&sources, file, &mut out);
    out.sort();
    for diagnostic in &out.list {
        assert!(crate::codes::explain(diagnostic.code).is_some(), "{} is not registered", diagnostic.code);
    }
    let text = render(&out, &sources, false);
    (rows, text)
}

/// Rows of a table that must cause no messages.
fn sound(text: &str) -> Vec<ParameterRow> {
    let (rows, messages) = read(text);
    assert_eq!(messages, "", "{text}");
    rows
}

const HEADER: &str = "name,kind,base,unit,low,high,range_basis,distribution,group,source,evidence,note\n";

fn one(row: &str) -> ParameterRow {
    sound(&format!("{HEADER}{row}\n")).remove(0)
}

fn complaint(rows: &str) -> String {
    read(&format!("{HEADER}{rows}\n")).1
}

#[test]
fn a_full_row() {
    let row = one(
        "rate.x.late,rate,0.5327,per year,0.3599,0.7884,95CI,lognormal,history,NH07;NH08,cohort,\"calibrated, twice\"",
    );
    assert_eq!((row.name.as_str(), row.kind, row.base), ("rate.x.late", Kind::Rate, 0.5327));
    assert_eq!((row.low, row.high), (Some(0.3599), Some(0.7884)));
    assert_eq!(
        (row.evidence, row.source.as_str(), row.note.as_str()),
        (Evidence::Cohort, "NH07;NH08", "calibrated, twice")
    );
    assert_eq!(row.conversion, None);
}

#[test]
fn units_are_converted_and_the_conversion_is_shown() {
    for (row, base, shown) in [
        ("a,rate,0.2,per month,,,,,,S,,", 0.2 * 12.0, Some("0.2 per month = 2.4 per year")),
        ("a,rate,5,per 100 person-years,,,,,,S,,", 0.05, Some("5 per 100 person-years = 0.05 per year")),
        ("a,rate,3.5,% per year,,,,,,S,,", 0.035, Some("3.5 % per year = 0.035 per year")),
        ("a,rate,3.5%,per year,,,,,,S,,", 0.035, None),
        (
            "a,probability,0.8,per 5 years,,,,,,S,,",
            0.8,
            Some("0.8 per 5 years, kept as it is; as a constant rate 0.3219 per year"),
        ),
        ("a,probability,0.1,per cycle,,,,,,S,,", 0.1, None),
        ("a,duration,6,months,,,,,,S,,", 0.5, Some("6 months = 0.5 years")),
        ("a,median_time,3,years,,,,,,S,,", 3.0, None),
        ("a,proportion,12,%,,,,,,S,,", 0.12, Some("12 % = 0.12")),
        ("a,cost,18 500,CNY,,,,,,S,,", 18500.0, None),
        ("a,hr,0.454,,,,,,,S,,", 0.454, None),
    ] {
        let read = one(row);
        assert!((read.base - base).abs() < 1e-15, "{row}: {}", read.base);
        assert_eq!(read.conversion.as_deref(), shown, "{row}");
    }
    assert_eq!(one("a,probability,0.8,per 5 years,,,,,,S,,").period_years, Some(5.0));
    assert_eq!(one("a,duration,6,months,3,10,,,,S,,").low, Some(0.25));
}

#[test]
fn excel_quirks_make_no_difference() {
    let expected = one("a.b,probability,0.275,per 5 years,0.2,0.35,95CI,beta,,Smith 2019,rct,");
    for text in [
        "\u{feff}name;kind;base;unit;low;high;range_basis;distribution;source;evidence\r\na.b;probability;27,5 %;per 5 years;20%;35%;95CI;beta;Smith 2019;rct\r\n;;;;;;;;;\r\n",
        "sep=;\r\nname;kind;base;unit;low;high;range_basis;distribution;source;evidence;;\r\na.b;probability;0,275;per 5 years;0,2;0,35;95CI;beta;Smith 2019;rct;;\r\n",
        "Name\tKind\tBase\tUnit\tLow\tHigh\tRange_basis\tDistribution\tSource\tEvidence\na.b\tProbability\t0.275\tPer 5 Years\t0.2\t0.35\t95CI\tBeta\tSmith 2019\tRCT\n",
        "# from the clinic, \"draft\n\nsource,evidence,name,kind,base,unit,low,high,range_basis,distribution,note of my own\nSmith 2019,rct,\u{a0}a.b\u{a0},probability,０．２７５,per 5 years,20%,35%,95CI,beta,\"over\ntwo lines\"\n",
    ] {
        let row = sound(text).remove(0);
        assert_eq!((&row.name, row.kind, row.base), (&expected.name, expected.kind, expected.base), "{text}");
        assert_eq!(
            (row.low, row.high, row.period_years),
            (expected.low, expected.high, expected.period_years),
            "{text}"
        );
        assert_eq!((&row.source, row.evidence), (&expected.source, expected.evidence), "{text}");
    }
}

#[test]
fn spans_are_bytes_of_the_original_file() {
    let mut sources = Sources::default();
    let file = sources.add("p.csv", "\u{feff}name;kind;base;unit;source\r\nкоэф;hr;\"0,5\";;Müller\r\n");
    let mut out = Diagnostics::default();
    let rows = read_parameters(&sources, file, &mut out);
    assert_eq!(sources.slice(rows[0].name_span), "коэф");
    assert_eq!(sources.slice(rows[0].base_span), "0,5");
    assert_eq!(sources.line_column(rows[0].base_span), (2, 10));
    assert_eq!(sources.slice(rows[0].row_span), "коэф;hr;\"0,5\";;Müller");
}

#[test]
fn a_broken_row_keeps_its_name() {
    let (rows, messages) = read(&format!("{HEADER}a,prob,5-Jan,,,,,,,,,\nb,hr,0.5,,,,,,,S,,\n"));
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(messages.contains("3 errors - nothing was run."), "{messages}");
}

#[test]
fn a_probability_without_a_period() {
    insta::assert_snapshot!(complaint(
        "p.relapse,probability,0.80,,,,,,,Smith 2019,,\np.other,probability,0.8,per ?,,,,,,Smith 2019,,\n\
         p.death,probability,0.004,per procedure,,,,,,registry,,\np.x,probability,12,per 100 person-years,,,,,,S,,"
    ));
}

#[test]
fn units_of_time() {
    insta::assert_snapshot!(complaint(
        "rate.a,rate,0.2,,,,,,,S,,\nrate.b,rate,0.2,per year at k=1,,,,,,S,,\ntime.c,mean_time,3,,,,,,,S,,\nwait.d,duration,3,moons,,,,,,S,,"
    ));
}

#[test]
fn names_and_kinds() {
    insta::assert_snapshot!(complaint(
        "cost-of visit,cost,80,EUR,,,,,,S,,\na,prob,0.2,per year,,,,,,S,,\nb,utilty,0.2,,,,,,,S,,\nc,zzz,0.2,,,,,,,S,,\na,hr,0.2,,,,,,,S,,\n,hr,1,,,,,,,S,,\nd,,1,,,,,,,S,,\ne,cost,,EUR,,,,,,S,,"
    ));
}

#[test]
fn cells_that_are_not_numbers() {
    insta::assert_snapshot!(complaint(
        "a,count,5-Jan,,,,,,,S,,\nb,cost,EUR 80,,,,,,,S,,\nc,hr,0.5 (0.3-0.8),,,,,,,S,,\nd,proportion,12/15,,,,,,,S,,\ne,hr,<0.5,,,,,,,S,,\nf,hr,#REF!,,,,,,,S,,\ng,hr,tbd,,,,,,,S,,\nh,hr,0.5,,x,0.9,,,,S,,"
    ));
}

#[test]
fn values_outside_their_kind() {
    insta::assert_snapshot!(complaint(
        "a,probability,20,per year,,,,,,S,,\nb,utility,1.2,,,,,,,S,,\nc,hr,-0.35,,,,,,,S,,\nd,cost,-5,EUR,,,,,,S,,\ne,disutility,-0.02,,,,,,,S,,\nf,hr,0.5,,0,0.9,,,,S,,\ng,shape,0,,,,,,,S,,\nh,rate,-0.1,per month,,,,,,S,,"
    ));
}

#[test]
fn ranges_and_distributions() {
    insta::assert_snapshot!(complaint(
        "a,hr,0.7,,0.8,0.95,95CI,,,S,,\nb,hr,0.7,,0.9,0.5,95CI,,,S,,\nc,proportion,27.5%,,20,35,95CI,,,S,,\nd,hr,0.7,,0.5,,95CI,,,S,,\ne,hr,0.7,,,,,lognormal,,S,,\nf,hr,0.7,,0.5,0.9,95CI,log-norm,,S,,\ng,hr,0.7,,0.5,0.9,95CI,cauchy,,S,,"
    ));
}

#[test]
fn sources_and_evidence() {
    insta::assert_snapshot!(complaint(
        "a,hr,0.7,,,,,,,,,\nb,hr,0.7,,,,,,,,assumption,\nc,hr,0.7,,,,,,,S,chort,\nd,hr,0.7,,,,,,,S,strong,"
    ));
}

#[test]
fn what_a_reviewer_would_ask() {
    insta::assert_snapshot!(complaint(
        "a,rate,80%,per year,,,,,,S,,\nb,probability,0.8,per year,,,,,,S,,\nc,cost,100,EUR,80,120,,,,S,,\nd,cost,50,EUR,40,60,,,,S,,\ne,cost,10,EUR,8,12,±20%,,,S,,\nf,cost,10,EUR,8,12,,,,S,,\ng,cost,10,EUR,8,12,arbitrary,,,S,,"
    ));
}

#[test]
fn columns() {
    insta::assert_snapshot!("columns_missing", read("parameter,kind,value,unit,sorce\na,hr,0.7,,S\n").1);
    insta::assert_snapshot!(
        "columns_near_misses",
        read("name,kind,base,unit,source,evidance,Low,low\na,hr,0.7,,S,rct,,\n").1
    );
    insta::assert_snapshot!(
        "columns_surplus_cells",
        read("name,kind,base,unit,source\nrate.x,rate,0,12,per year,S\n").1
    );
    insta::assert_snapshot!("columns_no_rows", read("name,kind,base,unit,source\n# later\n").1);
    insta::assert_snapshot!("columns_only_comments", read("# later\n").1);
    insta::assert_snapshot!(
        "columns_unpaired_quote",
        read("name,kind,base,unit,source\na,hr,0.7,,\"Smith\nb,hr,0.7,,S\n").1
    );
}

#[test]
fn decimal_signs() {
    insta::assert_snapshot!(
        "decimals_mixed",
        read("name;kind;base;unit;source\na;hr;0.7;;S\nb;hr;0,8;;S\nc;cost;1.234;EUR;S\n").1
    );
    insta::assert_snapshot!("decimals_unknown", read("name;kind;base;unit;source\nc;cost;1.234;EUR;S\n").1);
    insta::assert_snapshot!(
        "decimals_comma_noted",
        read("name;kind;base;unit;source\nc;proportion;27,5;;S\n").1
    );
}
