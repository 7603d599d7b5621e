//! Codes E01xx: files and their syntax.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "E0101",
        title: "a file is empty",
        explanation: "\
The file exists but contains nothing, or only blank lines. This often happens when saving is interrupted or
the disk is full. The model is not run, because its numbers are missing.",
        wrong: "parameters.csv      (0 bytes)",
        right: "parameters.csv\nname,kind,base,unit,source\nrate.relapse,rate,0.12,per year,Smith 2019",
    },
    Code {
        code: "E0102",
        title: "a folder is named instead of a file",
        explanation: "\
A scenario, a parameter table or a life table is a single file. A folder can contain several, and a guess
could run the wrong country or the wrong year without anyone noticing.",
        wrong: "parameters = \"tables\"",
        right: "parameters = \"tables/parameters.csv\"",
    },
    Code {
        code: "E0103",
        title: "a file does not exist",
        explanation: "\
The file was not found. Paths in a scenario are relative to the folder of that scenario, not to the folder
in which the command was started, so that a study can be moved or sent to a reviewer as a whole.",
        wrong: "parameters = \"paramters.csv\"",
        right: "parameters = \"parameters.csv\"",
    },
    Code {
        code: "E0104",
        title: "a file cannot be read",
        explanation: "\
The file exists, but the operating system does not allow reading it. On Windows, a workbook that is open in
Excel is locked; otherwise, check the permissions of the file and its folder. Close the other program or
change the permissions, and run again.",
        wrong: "parameters.csv is open in Excel, and locked",
        right: "save and close it in Excel, then run",
    },
    Code {
        code: "E0105",
        title: "a file is not UTF-8 text",
        explanation: "\
Scenarios and tables are text files in UTF-8, an encoding that covers all languages. In a different
encoding, `Müller 2018` becomes `MÃ¼ller 2018`, and names with such characters no longer match. In Excel,
choose File > Save As > `CSV UTF-8 (Comma delimited)`. Plain `CSV` is Windows-1252, `Unicode Text` is
UTF-16, and an .xlsx file renamed to .csv is still a workbook.",
        wrong: "Save as type: CSV (Comma delimited)",
        right: "Save as type: CSV UTF-8 (Comma delimited)",
    },
    Code {
        code: "E0106",
        title: "a line of the scenario is not valid TOML",
        explanation: "\
Scenario files use the TOML format: `key = value`, text in quotation marks, lists in square brackets, and
sections that start with a name in square brackets. Formulas and lengths of time are text and need quotation
marks. The message shows the first error of each invalid line. Because such lines cannot be read, arcosim
does not report anything that only seems to be missing; a second check after the corrections may find more
errors.",
        wrong: "[time]\ncycle = 6 months",
        right: "[time]\ncycle = \"6 months\"",
    },
    Code {
        code: "E0107",
        title: "a quotation mark in a table has no closing one",
        explanation: "\
A cell that starts with a quotation mark ends at the next quotation mark, and may contain line breaks. If
one is missing, the cell includes the following rows, and their numbers silently disappear from the model.
Inside a quoted cell, write quotation marks twice. Excel does this automatically; text editors do not.",
        wrong: "rate.relapse,rate,0.12,per year,\"Smith 2019",
        right: "rate.relapse,rate,0.12,per year,\"Smith 2019, table 2\"",
    },
    Code {
        code: "E0108",
        title: "the scenario has a newer format",
        explanation: "\
`format` is the version of the scenario format. This version of arcosim is older than the file. It does not
ignore unknown keys, because these may change the results. Install a newer version, or write the scenario in
the format of this version.",
        wrong: "format = 99",
        right: "format = 1",
    },
    Code {
        code: "E0109",
        title: "scenarios extend each other in a cycle",
        explanation: "\
`extends` inherits a scenario and changes parts of it. If the chain leads back to a scenario that is already
part of it, there is no base to start from. Most often a copied overlay still refers to itself. Each chain
must end with a base scenario that has no `extends`.",
        wrong: "# country.toml\nextends = \"country.toml\"",
        right: "# country.toml\nextends = \"base.toml\"",
    },
    Code {
        code: "E0110",
        title: "a path exists on one computer only",
        explanation: "\
An absolute path, or a path with backslashes, works only on the computer on which it was written, so a
reviewer could not run the study. Copy the file into the folder of the study and write its path relative to
the scenario, with `/`. File names such as con, nul or com1, with any extension, are not possible on
Windows.",
        wrong: "parameters = \"C:/Users/me/Desktop/parameters.csv\"",
        right: "parameters = \"parameters.csv\"",
    },
    Code {
        code: "E0111",
        title: "a table has a header but no rows",
        explanation: "\
The first line of a table contains the column names; each further line is one entry. Here no lines follow,
or all of them are blank or comments that start with #.",
        wrong: "name,kind,base,unit,source",
        right: "name,kind,base,unit,source\nrate.relapse,rate,0.12,per year,Smith 2019",
    },
    Code {
        code: "E0112",
        title: "a row has more cells than the header",
        explanation: "\
An extra cell usually means that a cell was split in two, so that all values after it are in the wrong
column: a standard error may be read as an upper limit. In a file with commas as separators the cause is
nearly always a decimal comma or a remark with a comma. Put such a cell in quotation marks.",
        wrong: "name,kind,base,unit,source\nrate.relapse,rate,0,12,per year,Smith 2019",
        right: "name,kind,base,unit,source\nrate.relapse,rate,0.12,per year,Smith 2019",
    },
    Code {
        code: "E0113",
        title: "two columns have the same name",
        explanation: "\
Each column needs a unique name. With two columns called `base` it is unclear which of them the model uses,
and they may differ after an edit. Rename or delete one of them.",
        wrong: "name,kind,base,base,unit,source",
        right: "name,kind,base,base_2019,unit,source",
    },
    Code {
        code: "E0114",
        title: "a chain of overlays is too long",
        explanation: "\
Each overlay changes parts of the scenario that it `extends`. To review a long chain, one has to read every
file and keep track of which value applies. Merge some of the overlays into one file.",
        wrong: "a.toml extends b.toml extends c.toml ... and so on",
        right: "country.toml extends base.toml",
    },
    Code {
        code: "E0115",
        title: "a scenario names a file outside its folders",
        explanation: "\
Scenarios may come from other people. If a scenario could read any file of your computer, it could copy
private data into tables and figures that you pass on. A scenario can therefore read files in its own folder
and its subfolders, and also in the folder above if that contains scenarios (.toml files), as for
variants/dearer.toml and ../base.toml. Hidden files and folders, such as .ssh, are excluded, and links are
resolved first. The file was not read. Copy it to the folder of the scenario; or, if you trust the scenario,
use --root with a folder that contains both.",
        wrong: "parameters = \"../../../private/costs.csv\"",
        right: "parameters = \"costs.csv\"",
    },
    Code {
        code: "E0116",
        title: "a file is too large",
        explanation: "\
File sizes are limited, far above the needs of a study, so that a damaged or malicious file cannot fill the
memory: 16 MB for a scenario; 64 MB, 10,000 columns and 10 million cells for a table. Most often the wrong
file was named, for example an export of raw data. Name the right file, or remove columns and rows that the
model does not use.",
        wrong: "parameters = \"all_patients_2001_2024.csv\"      (2 GB)",
        right: "parameters = \"parameters.csv\"",
    },
    Code {
        code: "E0117",
        title: "the model needs more memory than the limit",
        explanation: "\
The memory of a run follows from the size of the model: one number for each strategy and point in time and
each state, transition and reward; hazards that change over time need one for each cycle. The need is
calculated before the run, because a computer that runs out of memory stops responding or ends the program
without a message. The message shows what makes the model large. By default a run may use three quarters of
the memory, and at most 16 GB; --memory 64 allows 64 GB.",
        wrong: "cycle   = \"1 day\"\nhorizon = \"2000 years\"      # with 300 states and 500 strategies",
        right: "cycle   = \"1 month\"\nhorizon = \"60 years\"",
    },
    Code {
        code: "E0118",
        title: "two states have the same label",
        explanation: "\
Tables, figures and legends show labels. If two states have the same label, their rows and areas cannot be
distinguished. The label of a state without `label` is made from its name.",
        wrong: "[states]\nmild   = { label = \"Ill\" }\nsevere = { label = \"Ill\" }",
        right: "[states]\nmild   = { label = \"Mildly ill\" }\nsevere = { label = \"Severely ill\" }",
    },
];
