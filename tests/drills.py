"""Plant each fault, demand red, and write down when each guard was last seen to fail: make drill.

With ``new`` only the faults that no day stands beside yet are planted: make drill DRILL=new.

Every drill is a test that plants its fault in a copy of the review (or in a page) and passes only when the guard goes
red. The table on the page of status is made from what this writes.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]

DRILLS = [
    ("a cell that raises, with a warm cache and with none", "the build's executor", "review_book/test_execute.py::test_a_raising_cell_fails_with_its_place"),
    ("stale output after a change in a data file", "what a notebook was seen to read", "review_book/test_execute.py::test_only_what_changed_is_executed_again"),
    ("stale output after a change in the package", "what a notebook was seen to load", "review_book/test_execute.py::test_the_package_is_part_of_the_fingerprint"),
    ("a kept output that was damaged", "the fingerprint beside it", "review_book/test_execute.py::test_a_broken_cache_is_executed_anew"),
    ("a cell that warns, writes errors or dies", "the build's executor", "review_book/test_execute.py::test_warnings_errors_and_deaths_fail"),
    ("a cell that runs too long", "the time limit", "review_book/test_execute.py::test_a_slow_cell_says_that_it_was_slow"),
    ("a cell that writes into data or sources, or starts another program", "what a kernel may do", "review_book/test_execute.py::test_a_cell_that_writes_into_the_review_is_refused"),
    ("a cell that starts a process, calls a library of the machine, asks another host or reads what a build made", "what a kernel may do", "review_book/test_execute.py::test_a_cell_that_writes_into_the_review_is_refused"),
    ("a function of a package given another meaning, warnings silenced, a task left behind, in a cell", "what a kernel leaves behind", "review_book/test_execute.py::test_what_a_cell_leaves_or_passes_over_fails_it"),
    ("a cell that gives the executor's names another meaning", "what the executor keeps to itself", "review_book/test_execute.py::test_names_of_the_executor_are_out_of_reach"),
    ("a cell that shows more than a page can hold", "the limits on output", "review_book/test_execute.py::test_a_cell_that_shows_too_much_is_stopped"),
    ("a page that is saved while the preview builds the book", "what the preview looks for", "review_book/test_preview.py::test_what_is_saved_while_the_book_is_built_is_seen"),
    ("two builds at once", "the lock of the build folder", "review_book/test_alone.py::test_a_second_build_waits_for_the_first"),
    ("an analysis that the table of contents leaves out, and a page that is not there", "the check of _toc.yml", "review_book/test_execute.py::test_the_table_of_contents_is_checked"),
    ("an unknown number, figure, statement or chapter, a dangling citation, a dead link", "the build, each with file and line", "review_book/test_build.py::test_what_a_page_cannot_say_is_named_with_its_line"),
    ("a changed cell of a table that a claim rests on", "the claim's check in the build", "review_book/test_build.py::test_a_table_re_executes_its_readers_and_claims_go_red"),
    ("markup in a record", "the reader of records, in the build", "review_book/test_build.py::test_hostile_text_cannot_enter_a_record"),
    ("a build killed halfway", "the swap of a complete site", "review_book/test_build.py::test_an_interrupted_build_leaves_the_old_site_and_the_next_is_right"),
    ("a folder that cannot be written", "the build's message", "review_book/test_build.py::test_a_folder_that_cannot_be_written_is_named"),
    ("a number that differs from its reference", "the notebooks as regression tests", "review_book/test_build.py::test_notebook_comparison_goes_red"),
    ("a changed cell", "the notebooks as regression tests", "review_book/test_build.py::test_notebook_comparison_sees_one_cell"),
    ("a chapter missing from the order", "the check of the chapters' order", "review_book/test_reproducible.py::test_a_chapter_taken_from_the_order_is_seen"),
    ("a package that imports another against the rule", "the check of imports", "test_house.py::test_a_forbidden_import_is_seen"),
    ("a claim with another verdict than its numbers give", "the ledger's validator", "review_utils/test_claims.py::test_no_other_verdict_can_be_recorded"),
    ("a recomputed number that moved", "the claim's check in the notebook", "review_utils/test_claims.py::test_a_recomputed_number_that_moved_fails_with_its_place"),
    ("a record with an unknown field, a wrong type, a missing source", "the register's validator", "review_utils/test_claims.py::test_a_planted_fault_is_named"),
    ("a cell of a published table that is out of range or of the wrong type", "the data package's check", "review_utils/test_claims.py::test_a_planted_fault_is_named"),
    ("a mitigation that says more than was tested, or points at what is not there", "the validator of mitigations", "emergence/test_training_dynamics.py::test_a_mitigation_at_fault_is_named"),
    ("a derived table that is not what its data set gives", "the comparison of derived tables", "review_utils/test_data_tables.py::test_a_derived_table_is_compared_with_what_is_computed"),
    ("a data set of others pinned anew under tables that were computed from the old one", "the check of tables", "review_utils/test_data_tables.py::test_a_table_from_a_set_that_is_pinned_anew_is_to_be_computed_anew"),
    ("a work that was retracted and is cited on", "citations and the cards of numbers", "review_book/test_citations.py::test_a_work_that_was_retracted_is_cited_as_such_until_it_stands_again"),
    ("a forecast in another unit than what is known", "what is asked of a draft before it is sealed", "emergence/test_forecasts.py::test_what_would_be_wrong_for_good_is_refused_before_it_is_sealed"),
    ("Python that runs no assert", "the command line", "review_book/test_commands.py::test_python_that_runs_no_assert_is_refused"),
    ("histories of two branches, one behind the other", "the chain of the history", "review_book/test_history.py::test_two_branches_that_both_accepted_are_told_how_to_meet"),
    ("onsets by other seeds than the runs have", "what a function asks of its arguments", "emergence/test_training_dynamics.py::test_runs_without_an_onset_of_their_seed_are_no_missed_alarm"),
    ("a public function of the science without a row in the table of hostile arguments", "the table of hostile arguments", "emergence/test_checks.py::test_a_function_without_an_entry_is_seen"),
    ("a hostile record of each kind that once passed", "the check of all records", "review_book/test_hostile.py::test_a_hostile_record_is_said"),
    ("a file or an id named as Windows names a device", "the check of all files", "review_book/test_hostile.py::test_a_file_that_windows_cannot_hold_is_said"),
    ("an execution on record that cannot have been", "the check of the files around the records", "review_book/test_hostile.py::test_an_execution_that_cannot_have_been_is_said"),
    ("a reader of a record who changes what others read", "the reader of records", "review_utils/test_reading.py::test_what_one_reader_changes_no_other_sees"),
    ("a law that says one thing in two places, or another than the table of its source", "the validator of laws", "emergence/test_laws.py::test_a_law_that_says_two_things_is_named"),
    ("a row of a table that stands twice", "the check of tables", "review_book/test_hostile.py::test_a_row_that_stands_twice_is_said"),
    ("a finding that rests on what came years after it", "the register's validator", "review_book/test_hostile.py::test_a_link_to_what_was_not_there_yet_is_said"),
    ("a committed state that newer rules refuse", "the comparison of two states", "review_book/test_consequences.py::test_a_state_that_newer_rules_refuse_is_compared"),
    ("a number or a share shown that cannot be of its unit, bars without nought, nought on a logarithmic axis", "what a notebook may show", "review_book/test_ordinary.py::test_what_cannot_be_shown_is_refused_by_name"),
    ("what a merge left in a file of any kind", "the check of all files", "review_book/test_hostile.py::test_a_mark_of_a_merge_is_said"),
    ("a share above one or below nought, or a percentage as text, in a table from a paper", "the limits of a unit", "review_book/test_hostile.py::test_a_cell_that_cannot_be_of_its_unit_is_said"),
    ("a number with both ends of its interval pasted into another row", "the check of tables", "review_book/test_hostile.py::test_a_number_with_its_interval_in_two_rows_is_said"),
    ("a claim whose sentence leaves out the unit of its number", "the ledger's validator", "review_utils/test_claims.py::test_a_sentence_says_the_unit_of_its_number"),
    ("training compute of a study that its own table gives otherwise", "the validator of studies", "review_book/test_studies.py::test_compute_is_what_a_table_of_the_study_has_for_its_size"),
    ("an author who stands twice, or given names in place of family names", "the reader of the bibliography", "review_book/test_references.py::test_a_fault_is_named_with_its_line_and_key"),
    ("a column of an imported file that was sorted alone, or an id that a spreadsheet rounded", "the import of works", "review_book/test_exchange.py::test_an_id_beside_the_title_of_another_work_is_refused"),
    ("a link in place of a record or of a folder of them", "the check of all files", "review_book/test_hostile.py::test_a_link_in_place_of_a_folder_or_a_file_is_said"),
    ("a clock that is behind the history", "the check of the clock", "review_book/test_commands.py::test_a_clock_that_is_behind_is_blamed_and_no_record"),
    ("a forecast dated on another day than it is filed, or beside one with a fault", "the filing of forecasts", "review_book/test_commands.py::test_a_draft_is_filed_whole_and_on_its_day_or_not_at_all"),
    ("a forecast whose words and fields name other days, or the smallest where the largest is meant", "the filing of forecasts", "emergence/test_forecasts.py::test_a_question_whose_words_and_fields_part_is_not_filed"),
    ("a forecast whose rule has another mark than its words, or is scored for the opposite", "the filing of forecasts", "emergence/test_forecasts.py::test_a_mark_is_the_one_in_the_words_and_passed_from_their_side"),
    ("a mark further off with a higher probability", "the filing of forecasts", "emergence/test_forecasts.py::test_a_mark_further_off_is_not_passed_more_often"),
    ("a forecast written into the ledger that filing would have refused", "the ledger of forecasts", "emergence/test_forecasts.py::test_what_is_not_filed_is_not_taken_as_filed_either"),
    ("a condition of an intervention that no record knows", "the check of arguments", "emergence/test_training_dynamics.py::test_a_condition_or_a_table_that_is_none_is_said"),
    ("a share in the head of an analysis that hides its results, or is none", "the check of the prose", "review_book/test_markup.py::test_a_share_that_is_none_in_the_head_is_named"),
    ("numbers, dates and letters that are not what they seem in a record", "the reader of records", "review_utils/test_reading.py::test_numbers_are_written_as_printed"),
    ("a data package of another kind, form or encoding", "the reader of the data package", "review_utils/test_data_tables.py::test_a_data_package_that_is_none_is_named"),
    ("a folder or another encoding in place of a record", "the check of all records", "review_book/test_commands.py::test_a_folder_or_another_encoding_in_place_of_a_record_is_named"),
    ("an empty or missing page, and what no record has, in the prose", "the check of the prose, without a build", "review_book/test_prose.py::test_what_the_prose_cannot_stand_on_is_named_without_a_build"),
    ("a typed number, a result of nobody, a figure of no analysis, in the prose", "the check of the prose, without a build", "review_book/test_prose.py::test_what_the_prose_cannot_stand_on_is_named_without_a_build"),
    ("a comment in a page that is not closed", "the check of the prose, and the build", "review_book/test_markup.py::test_a_comment_that_is_not_closed_is_named"),
    ("markup, a directive or a role in a page that could run a script", "the check of the prose, and the build", "review_book/test_markup.py::test_what_could_run_in_a_reader_s_browser_is_refused"),
    ("a script in a built page that the engine did not write", "the page's policy, when the site is made", "review_book/test_publish.py::test_a_script_that_is_not_ours_stops_the_build_and_is_never_allowed"),
    ("a page that includes, shows or offers a file from outside the review, or asks another host", "the check of the prose, and the build", "review_book/test_markup.py::test_what_lies_outside_the_review_is_not_published"),
    ("a fault of one kind of record that would hide those of others", "the check of all records", "review_book/test_kinds.py::test_a_faulty_kind_hides_no_field_of_those_that_rest_on_it"),
    ("a Python for which the packages are not built", "the Makefile, before anything is installed", "test_house.py::test_a_python_that_will_not_do_is_refused_at_once"),
    ("a command outside any review", "the search for the review", "review_book/test_commands.py::test_outside_a_review_no_other_one_is_taken"),
    ("an address in place of a citation, a row wider than its head, a mark that never closes, a list out of its numbers", "the check of the prose, and the build", "review_book/test_markup.py::test_what_a_page_has_no_place_for_is_named"),
    ("a claim that does not hold, in a cell that passes over the refusal; a thread that outlives its cell", "the executor of notebooks", "review_book/test_execute.py::test_what_a_cell_leaves_or_passes_over_fails_it"),
    ("a record held against itself in a cell", "the check of cells", "review_book/test_execute.py::test_code_that_no_analysis_holds_is_refused"),
    ("a cell that is no Python", "the check of cells", "review_book/test_cells.py::test_a_cell_that_is_no_python_is_named"),
    ("a table of scores whose cells are not under names", "the reader of tables of scores", "emergence/test_logs.py::test_a_table_whose_cells_are_not_under_names_is_refused"),
    ("a broken table of contents, a list of drills or a citation of the review that is none, a tolerance beyond agreement", "the check of all records", "review_book/test_commands.py::test_a_fault_around_the_records_is_said"),
    ("a history or seals shortened, moved or made anew after they were committed", "the comparison with what was committed", "review_book/test_kept.py::test_a_record_that_only_grows_is_held_against_what_was_committed"),
    ("a history or seals made anew by a commit, on the published branch or on another", "the comparison with every version that was ever published", "review_book/test_kept.py::test_a_rewrite_that_is_itself_committed_is_seen"),
    ("commits made anew together with the history", "the comparison with tags and with what the last release published", "review_book/test_kept.py::test_commits_made_anew_are_held_against_tags_and_releases"),
    ("a record that unfolds without end", "the reader of records", "review_utils/test_reading.py::test_a_bomb_is_refused_at_once"),
    ("a trace that was altered", "its digest", "review_utils/test_traces.py::test_a_changed_trace_is_refused"),
    ("a corrupted download", "its hash", "review_utils/test_external.py::test_a_corrupted_copy_is_refused_and_leaves_nothing"),
    ("a number typed into a chapter's prose", "the lint of prose", "review_book/test_prose.py::test_a_typed_number_is_found"),
    ("a chart without a title or without words", "the chart's checks", "review_utils/test_charts.py::test_a_chart_needs_a_title_and_alt_text"),
    ("data that close a chart's script", "the escaping of specifications", "review_utils/test_charts.py::test_hostile_data_stays_data"),
    ("hostile strings in any cell of a table", "the one table renderer", "review_utils/test_show_tables.py::test_hostile_text_comes_out_as_text"),
    ("a hostile string in a page, read by a browser", "escaping, seen in Chromium", "review_book/test_browser.py::test_a_hostile_record_comes_out_as_text"),
    ("a script, a handler and a request to another host, put into a page", "the page's policy", "review_book/test_browser.py::test_the_policy_stops_what_is_not_ours"),
    ("a page far above its bound, with rows, references, cards and links into them", "the parting of pages", "review_book/test_apart.py::test_rows_are_set_apart_and_none_is_lost"),
    ("a value with semicolons that would swallow a style sheet", "the pruning of styles", "review_book/test_publish.py::test_a_property_that_holds_a_picture_goes_whole"),
    ("an id twice, a block in a summary, what opens in a head, two first headings", "the pass over the HTML of every page", "review_book/test_every_page.py::test_a_planted_fault_of_a_page_is_seen"),
    ("a choice that is cut, a hole under the bar of a cell, a day on two lines", "the pass of a browser over every page", "review_book/test_every_page.py::test_planted_faults_of_the_layout_are_seen"),
    ("a page of another program in the folder of the site", "what the published site was when it was made", "review_book/test_build.py::test_what_others_wrote_into_the_site_does_not_stay"),
    ("a picture without words in a page", "axe-core", "review_book/test_browser.py::test_axe_sees_a_planted_fault"),
    ("a rule of the theme that takes the ground of the search or puts its sign on the words", "the search, seen in Chromium", "review_book/test_browser.py::test_a_search_that_cannot_be_read_is_seen"),
    ("a white ground behind a drawing in the dark", "the drawing, seen in Chromium", "review_book/test_browser.py::test_a_drawing_has_no_ground_of_its_own_in_the_dark"),
    ("a page that computes at every turn of the wheel", "the audit of scrolling", "review_book/test_browser.py::test_what_blocks_a_scrolling_reader_is_seen"),
    ("a key of colours in a drawing, where names could stand, without a reason", "the check of all drawings", "review_book/test_site_charts.py::test_a_key_without_a_reason_is_seen"),
    ("a line of the history edited, dropped, put in or garbled", "the history's chain", "review_book/test_history.py::test_an_edited_past_is_seen"),
    ("a conclusion that changes without a reason", "the history", "review_book/test_history.py::test_a_changed_conclusion_needs_a_reason"),
    ("a forecast edited after it was filed", "its seal", "emergence/test_forecasts.py::test_an_edit_after_filing_is_refused"),
    ("a forecast withdrawn, or its seal made anew", "the chain of seals", "emergence/test_forecasts.py::test_an_edit_with_its_seal_made_anew_is_refused"),
    ("a snapshot of what a forecast was made from, altered", "its sealed digest", "emergence/test_forecasts.py::test_a_filed_forecast_keeps_what_it_was_made_from"),
    ("a forecast about our own editing", "the rule of what is void", "emergence/test_forecasts.py::test_questions_about_our_own_editing_are_void"),
    ("each finding removed, redated, renamed or accepted", "what is computed from the register", "review_book/test_living_record.py::test_each_finding_can_be_removed"),
    ("a forecast of what is settled", "the ledger of forecasts", "emergence/test_forecasts.py::test_a_question_that_is_settled_takes_no_forecast"),
    ("a question whose mark is passed, a quantile below a record, an address that is none", "the model of questions at an address", "emergence/test_forecasts.py::test_a_question_that_an_address_has_answered_is_refused"),
    ("a question clarified after its answer was read, twice, or that there is not", "the ledger of forecasts", "emergence/test_forecasts.py::test_a_question_is_clarified_before_its_answer_is_read"),
    ("an answer read too early, to no question, or that cannot be", "the ledger of forecasts", "emergence/test_forecasts.py::test_what_cannot_stand_at_an_address_is_refused"),
    ("a published forecast known before it was made, levels that fall, a score for an alert", "the validator of published forecasts", "emergence/test_published_forecasts.py::test_a_fault_is_named"),
    ("a curve of the tournament that is no longer there", "the reader of our own runs", "emergence/test_tournament_curves.py::test_own_runs_are_all_there"),
    ("two terms of one name", "the glossary's validator", "review_book/test_glossary.py::test_a_name_that_two_terms_claim_is_refused"),
    ("a work decided by a reason or at a run that there is not", "the validator of the search log", "review_book/test_searches.py::test_a_faulty_decision_is_refused_with_its_line"),
    ("a work that was included without a record, or a record of a work that never was", "the check of the search against the studies", "review_book/test_screened.py::test_an_inclusion_without_a_record_and_a_record_without_an_inclusion_are_named"),
    ("a second record of a paper, under its address, its journal or its title", "the rule that tells one work from another", "review_utils/test_register.py::test_the_same_paper_is_one_record"),
    ("an index that refuses, fails, cuts its answer off or counts anew midway", "the clients of the indexes", "review_book/test_sources.py::test_a_page_that_fails_is_asked_for_again"),
    ("a search that broke off, or is made twice", "the search's log", "review_book/test_searching.py::test_a_run_that_broke_off_goes_on_where_it_was"),
    ("a sitting of screening that is killed", "the table of decisions", "review_book/test_screening.py::test_a_sitting_that_is_killed_keeps_every_decision"),
    ("an import with rows without titles, labels or reasons", "the reader of other programs' files", "review_book/test_exchange.py::test_every_entry_without_a_title_is_named_and_nothing_is_taken_in"),
    ("a list of works that was not drawn by its rule, or stops early", "the validator of recall", "review_book/test_recall.py::test_a_faulty_list_is_refused_with_its_place"),
    ("a study that supersedes itself", "the validator of studies", "review_book/test_studies.py::test_supersession_never_goes_in_a_circle"),
    ("a number typed into a statement, evidence that names no study", "the validator of statements", "review_book/test_statements.py::test_a_faulty_statement_is_refused"),
    ("a measurement that no statement names, without a reason", "the validator of statements", "review_book/test_statements.py::test_a_measurement_serves_a_statement_or_says_why_it_stays"),
    ("each study retracted", "what is computed from studies and statements", "review_book/test_living_record.py::test_each_study_can_be_retracted"),
    ("a number that was not checked, a test said not to be run, without a reason", "the register's validator", "review_utils/test_register.py::test_a_planted_fault_is_named"),
    ("evidence from memory that would raise a grade", "the grader", "review_book/test_grades.py::test_numbers_from_memory_raise_nothing"),
    ("a fault in the bibliography", "its parser", "review_book/test_references.py::test_a_fault_is_named_with_its_line_and_key"),
    ("an edit, or a set of others, that could make an execution differ from the build's", "what lets the build's execution stand for another", "review_book/test_notebooks.py::test_an_execution_stands_for_another_only_where_nothing_can_differ"),
    ("a helper, a Parquet file or a file looked for that changes", "what a notebook was seen to read", "review_book/test_execute.py::test_reads_that_hide_are_seen"),
    ("a test that waits for a time, takes the time, or leaves a predicate in a page", "the check of tests", "test_house.py::test_a_fixed_wait_is_seen"),
    ("a dependency that is not declared", "the check of the distribution", "test_wheel.py::test_every_import_is_declared"),
    ("an account that the page's script weighs otherwise than the package", "the comparison of the two on random curves", "review_book/test_curve_page.py::test_an_account_that_the_script_weighs_otherwise_is_seen"),
    ("two builds that differ", "the comparison of builds", "review_book/test_build.py::test_a_build_that_knows_the_time_is_seen"),
    ("a date against its arXiv id, its address or the year of print", "the validators of dates", "review_book/test_hostile.py::test_a_study_dated_otherwise_than_its_entry_is_said"),
    ("a study's number against its cell of a typed table", "the validator of studies", "review_book/test_hostile.py::test_a_number_of_a_table_that_we_typed_is_that_of_its_cell"),
    ("a record or a page under a name that nothing reads", "the check of the folders", "review_book/test_hostile.py::test_a_file_that_nothing_reads_is_said"),
    ("a letter that looks like another or like nothing", "the check of all texts", "review_book/test_hostile.py::test_a_letter_that_looks_like_another_or_like_nothing_is_said"),
    ("a derived table edited by hand", "the hash in the data package", "review_utils/test_data_tables.py::test_a_derived_table_edited_by_hand_is_named"),
    ("the set-up beside a trace edited by hand", "the digest that the run wrote", "review_utils/test_traces.py::test_a_set_up_changed_by_hand_is_refused"),
    ("a tag that keeps a cell from running or lets it fail", "the executor, before a cell runs", "review_book/test_execute.py::test_a_tag_that_turns_a_guard_off_is_refused"),
    ("a forecast whose words name another day or unit than its fields", "the check before the seal", "emergence/test_forecasts.py::test_a_question_whose_words_and_fields_part_is_not_filed"),
    ("words after a comment that begins their line, a line that a page leaves out, an indented paragraph", "the check of the prose, and the build", "review_book/test_markup.py::test_a_line_that_a_page_leaves_out_or_prints_as_typed_is_named"),
    ("a cell of an analysis that is fenced as a listing, and never runs", "the check of the prose, and the build", "review_book/test_markup.py::test_a_cell_that_would_be_printed_and_never_run_is_named"),
    ("a role beside its backtick, a link beside its address, a stray dollar and other markup that made none", "the check of the prose, and the build", "review_book/test_leftovers.py::test_markup_that_made_none_is_named"),
    ("rows that made no table, points that made no list", "the check of the prose, and the build", "review_book/test_leftovers.py::test_a_table_or_a_list_that_is_none_is_named"),
    ("a sentence that its signs made a list, a quote or a heading; a heading that stands twice", "the check of the prose, and the build", "review_book/test_leftovers.py::test_words_that_markup_took_for_its_own_are_named"),
    ("a number typed between dollars or backticks, in a note, or as if it were a year", "the lint of prose", "review_book/test_prose.py::test_a_number_is_typed_wherever_it_stands"),
    ("a result or a count of the record spelled out in words", "the lint of prose", "review_book/test_prose.py::test_a_result_of_ours_in_words_is_found"),
    ("last month, as of today, and what is since a year to come", "the lint of prose", "review_book/test_prose.py::test_words_that_go_stale_and_years_to_come_are_found"),
    ("a grade that is typed", "the lint of prose", "review_book/test_prose.py::test_a_grade_in_words_is_found_with_the_statement_that_it_speaks_of"),
    ("million or times ten after a number, an author beside the work of others, a link under another page's title or to a label that there is not", "the check of the prose", "review_book/test_prose.py::test_what_the_prose_cannot_stand_on_is_named_without_a_build"),
    ("a page that moved without a line of moved", "the check of the prose, by what was committed", "review_book/test_kept.py::test_a_page_that_moved_without_a_line_of_moved_is_said"),
    ("stress, code, links or mathematics in the text of a record, which is shown as it is typed", "the check of all records", "review_book/test_marked.py::test_a_sign_that_a_page_would_print_is_named"),
    ("a number of a page before another unit than its own, or before its unit twice, or said to rise where it falls", "the check of the prose, and the build once the analyses ran", "review_book/test_prose.py::test_a_number_of_an_analysis_before_another_unit_or_its_own_twice_is_named"),
    ("an option or words that a directive does not take, an excuse of a number or of a report without its reason", "the check of the prose, and the build", "review_book/test_markup.py::test_what_a_page_has_no_place_for_is_named"),
    ("an export over a file that is there", "the command that exports", "review_book/test_exchange.py::test_what_a_file_holds_is_not_written_over"),
    ("a full disk in the midst of an import", "what takes back a half", "review_book/test_exchange.py::test_an_import_that_breaks_off_leaves_nothing"),
    ("a citation file with a field, an ORCID, a DOI or a date that its format has not", "the check of the files around the records", "review_book/test_hostile.py::test_a_citation_file_that_others_cannot_read_is_said"),
    ("a version to cite that is not the package's", "the check of the files around the records", "review_book/test_hostile.py::test_a_citation_of_another_version_than_the_package_is_said"),
    ("a copyright of a year to come", "the check of the book's settings", "review_book/test_hostile.py::test_a_copyright_of_a_year_to_come_is_said"),
    ("a text without quotes that a sign of YAML cuts off", "the check of all texts, and the build", "review_book/test_cut.py::test_a_text_that_yaml_cuts_off_is_said"),
    ("two authors whom BibTeX takes for one, or et al. for a name", "the form of the bibliography", "review_book/test_references.py::test_people_who_are_read_otherwise_than_meant_are_named"),
    ("a unit in another case or spelling than the others", "the check of units", "review_book/test_units.py::test_a_unit_in_another_spelling_is_said"),
    ("a work that decisions name by two ids", "the check of the search", "review_book/test_screened.py::test_a_work_under_two_ids_is_named"),
    ("a formula of a law that no page can show", "the check of formulas, and the build", "review_book/test_laws_page.py::test_a_formula_that_no_page_can_show_is_named"),
    ("a part of another chapter in a chapter", "the check of the prose, and the build", "review_book/test_markup.py::test_a_part_of_another_chapter_is_named"),
    ("a copy of a record beside it, as a file manager makes one", "the check of all records", "review_book/test_hostile.py::test_a_copy_beside_its_record_is_told_once"),
    ("a row under a key that only looks like another", "the check of tables", "review_book/test_hostile.py::test_a_row_under_a_key_that_only_looks_like_another_is_said"),
    ("a number of a table outside of its interval", "the check of tables", "review_book/test_hostile.py::test_a_value_beside_its_interval_in_a_table_is_said"),
    ("a number of a table outside of its interval, with its error between", "the check of tables", "review_book/test_hostile.py::test_a_value_beside_its_interval_with_an_error_between_is_said"),
    ("a unit against the name of its column", "the check of tables", "review_book/test_hostile.py::test_a_unit_against_the_name_of_its_column_is_said"),
    ("a row published before it was released", "the check of tables", "review_book/test_hostile.py::test_a_row_published_before_it_was_released_is_said"),
    ("a row of a table that cites what there is not", "the check of tables", "review_book/test_hostile.py::test_a_row_that_cites_what_there_is_not_is_said"),
    ("a scale of a curve without its letter", "the reader of a curve", "emergence/test_measured.py::test_one_scale_without_its_letter_is_refused"),
    ("two scores of one run at one scale of a curve", "the reader of a curve", "emergence/test_measured.py::test_one_run_has_one_score_at_a_scale"),
    ("a ladder of scales in millions and then in billions, without a letter", "the reader of a curve", "emergence/test_measured.py::test_a_ladder_in_millions_and_then_in_billions_is_refused"),
    ("a count of test items with a point before three digits", "the reader of a curve", "emergence/test_measured.py::test_a_count_with_a_point_before_three_digits_is_asked_about"),
    ("logs of one curve that asked otherwise, or of other weights, at one size", "the reader of logs", "emergence/test_logs.py::test_logs_that_asked_otherwise_at_one_size_are_no_ladder"),
    ("columns of one function whose labels stand in different orders", "the check of arguments", "emergence/test_checks.py::test_columns_whose_labels_stand_in_another_order_are_refused"),
    ("a line that lies outside of its own band", "what a chart may draw", "review_book/test_misread.py::test_a_line_outside_of_its_own_band_is_refused"),
    ("years as the scales of a curve", "the reader of a curve", "emergence/test_measured.py::test_years_are_no_sizes"),
    ("a column of a curve's table that is not read", "the reader of a curve", "emergence/test_measured.py::test_a_column_that_is_not_read_is_named"),
    ("a guess about a curve that the command says and the page does not", "the comparison of the two on tables", "review_book/test_curve_page.py::test_the_script_reads_tables_as_the_package_does"),
    ("a broken sign in an address within a page", "the page's script, in a browser", "review_book/test_browser.py::test_a_broken_sign_in_an_address_ends_no_start"),
    ("a scale that is not the size in its model's name", "the reader of a curve", "emergence/test_measured.py::test_a_scale_that_is_not_the_size_in_the_model_s_name_is_refused"),
    ("a table whose rows are named in the index", "the one table renderer", "review_utils/test_show_tables.py::test_an_index_that_names_rows_is_not_lost"),
    ("a table without the columns that a function needs", "the check of arguments", "emergence/test_checks.py::test_what_is_no_table_is_refused_by_its_columns"),
    ("an answer or a void of a day to come", "the validator of what was read", "emergence/test_forecasts.py::test_what_is_read_on_a_day_to_come_is_refused"),
    ("bars or an area of several rows in one place, which show their sum", "what a chart may draw", "review_book/test_misread.py::test_rows_that_are_drawn_as_their_sum_are_refused"),
    ("a line through several series", "what a chart may draw", "review_book/test_misread.py::test_a_line_through_several_series_is_refused"),
    ("a percent sign on what is in percent already", "what a chart may draw", "review_book/test_misread.py::test_a_percent_sign_on_what_is_in_percent_is_refused"),
    ("sizes as words, in the order of the alphabet", "what a chart may draw", "review_book/test_misread.py::test_sizes_in_the_order_of_the_alphabet_are_refused"),
    ("bars on a logarithmic axis", "what a chart may draw", "review_book/test_misread.py::test_bars_on_a_logarithmic_axis_are_refused"),
    ("marks in the colour of the page, by day or by night", "what a chart may draw", "review_book/test_misread.py::test_marks_in_the_colour_of_the_page_are_refused"),
    ("more names than colours or signs", "what a chart may draw", "review_book/test_misread.py::test_more_names_than_colours_are_refused"),
    ("two names of one colour or sign", "what a chart may draw", "review_book/test_misread.py::test_two_names_of_one_look_are_refused"),
    ("a line that leaves its points, rows that a condition hides, labels of another number, one column on two axes", "what a chart may draw", "review_book/test_misread.py::test_what_is_not_where_its_row_is_is_refused"),
    ("a misspelt column in an expression of a chart, and chance in one", "what a chart may draw", "review_book/test_misread.py::test_what_a_chart_computes_is_asked_before_the_build"),
    ("a drawing that no program can read as a picture", "the making of drawings", "review_book/test_site_charts.py::test_a_drawing_that_is_no_picture_is_refused"),
    ("chance without a seed, a clock, or a result typed into a title or into Markdown, in a cell", "the check of cells", "review_book/test_execute.py::test_code_that_no_analysis_holds_is_refused"),
    ("a result typed as a number, a table, a recomputation, a title in words or the text of a chart, in a cell", "the check of cells", "review_book/test_execute.py::test_code_that_no_analysis_holds_is_refused"),
    ("chance without a seed that no word of a cell shows", "what a kernel leaves behind", "review_book/test_execute.py::test_chance_that_no_word_of_a_cell_shows_is_seen"),
    ("letters read in another encoding than they were written in", "the check of all texts", "review_book/test_hostile.py::test_a_letter_that_looks_like_another_or_like_nothing_is_said"),
    ("a setting of the book that is mistyped, or turns a guard off", "the check of the book's settings", "review_book/test_hostile.py::test_a_hostile_record_is_said"),
    ("a page with the line ends of Windows", "the check of the prose", "review_book/test_prose.py::test_a_page_with_the_line_ends_of_windows_is_told_once"),
    ("a row of a table that contradicts itself", "the check of tables", "review_utils/test_data_tables.py::test_a_row_that_contradicts_itself_is_named"),
    ("a data package by which others would read other numbers, or that vouches for rows that nothing recomputes", "the check of tables", "review_utils/test_data_tables.py::test_what_would_be_read_or_vouched_for_otherwise_is_named"),
    ("a field that another one contradicts, an analysis or a chapter out of its place in the contents", "the check of all records", "review_book/test_hostile.py::test_what_two_fields_say_otherwise_is_said"),
    ("a law named after another work than it cites, or by the name of another law", "the validator of laws", "emergence/test_laws.py::test_a_law_that_says_two_things_is_named"),
    ("a sentence on the list of errata that still stands", "the validator of errata", "review_book/test_errata.py::test_what_is_called_wrong_stands_nowhere_any_more"),
    ("a term that is its own definition or another's, or that its chapter never uses", "the glossary's validator", "review_book/test_glossary.py::test_a_term_that_says_nothing_or_that_nothing_uses_is_refused"),
    ("words pasted from other evidence, years to come in a scope, a replication of a work on another subject", "the validator of statements", "review_book/test_statements.py::test_a_faulty_statement_is_refused"),
    ("a schema for editors that is not of the models", "the check of all files", "review_book/test_hostile.py::test_a_schema_that_is_not_of_the_models_is_said"),
    ("a repository that git cannot be asked about", "the comparison with what was committed", "review_book/test_kept.py::test_a_repository_that_cannot_be_asked_is_named"),
    ("a release of a site that is older than its sources", "the command that packs it", "review_book/test_release.py::test_a_release_is_of_its_sources"),
    ("a labelled pair in both halves", "the validator of the search log", "review_book/test_searches.py::test_a_pair_of_both_halves_is_refused"),
    ("numbers of how works are told apart, typed by hand", "the validator of the search log", "review_book/test_searches.py::test_faulty_records_are_refused"),
    ("a data package that cannot be read", "the check of tables", "review_book/test_hostile.py::test_a_data_package_that_cannot_be_read_hides_no_table"),
    ("two numbers of one study that no word tells apart", "the validator of studies", "review_book/test_studies.py::test_two_numbers_of_one_study_are_told_apart"),
    ("a word that bounds a number which brings a bound of its own, in a statement", "the validator of statements", "review_book/test_statements.py::test_a_number_with_a_bound_of_its_own_is_given_no_other"),
    ("a word that bounds a number which brings a bound of its own, on a page", "the check of the prose", "review_book/test_prose.py::test_a_number_with_a_bound_of_its_own_is_given_no_other"),
    ("the size of an expert, or a length of context, taken for the size of a model", "the reader of a curve", "emergence/test_measured.py::test_a_size_that_a_name_does_not_say_is_asked_for"),
    ("two models taken for two runs of one", "the reader of a curve", "emergence/test_measured.py::test_two_models_at_one_scale_are_named"),
    ("a decimal comma in a budget", "the page's script", "emergence/test_calculator.py::test_budgets_are_read_as_people_write_them"),
    ("a picture in place of a table of scores", "the page's script", "review_book/test_curve_page.py::test_a_file_that_is_no_text_is_said_to_be_none"),
    ("the logarithm of a budget in place of the budget", "the check of arguments", "emergence/test_compendium.py::test_the_logarithm_of_a_budget_is_refused"),
    ("what is no day, in place of a day of a series", "the check of arguments", "emergence/test_forecasts.py::test_days_of_a_table_are_days"),
    ("what a spreadsheet leaves in a cell that it took for a formula", "the check of all files", "review_book/test_hostile.py::test_a_cell_that_a_spreadsheet_lost_is_said"),
    ("rows that a line is cut before", "what a chart may draw", "review_book/test_misread.py::test_rows_beyond_the_ends_of_an_axis_are_refused"),
    ("a decision on the full text of what was read in its abstract alone", "the comparison of decisions and studies", "review_book/test_screened.py::test_a_decision_on_a_text_that_nobody_read_is_said"),
    ("more or fewer works than a sentence counts, one work twice in a citation, a figure or table that is pointed to and not there", "the check of the prose", "review_book/test_prose.py::test_what_the_prose_cannot_stand_on_is_named_without_a_build"),
    ("a shape in an address of the register that there is not", "the page's script, in a browser", "review_book/test_browser.py::test_the_explorer_filters_sorts_and_is_shared_by_address"),
    ("a text that cannot be written in the midst of a command", "the writers of records", "review_book/test_authoring.py::test_what_breaks_off_leaves_every_file_as_it_was"),
    ("letters that a shell handed over broken", "the command line", "review_book/test_commands.py::test_letters_that_the_shell_handed_over_broken_are_said"),
    ("records and code of two checkouts", "the command line", "review_book/test_commands.py::test_a_review_is_not_read_by_the_code_of_another_checkout"),
    ("options of which one makes another idle", "the command line", "review_book/test_commands.py::test_options_that_do_nothing_together_are_said"),
    ("a history or a ledger whose last line has no end", "the writers of records", "review_book/test_history.py::test_a_last_line_without_an_end_is_ended_first"),
    ("a file that is opened before its text is encoded", "the check of the code", "test_house.py::test_no_file_is_opened_before_its_text_is_encoded"),
    ("ids of a table of works sorted apart from their titles", "the screening of works", "review_book/test_screening.py::test_a_table_whose_ids_were_sorted_alone_decides_on_no_other_work"),
    ("a finding of a work that was excluded", "the comparison of decisions and records", "review_book/test_screened.py::test_a_finding_of_a_work_that_was_excluded_is_said"),
    ("a mistyped word where one of a few is needed", "the check of arguments", "emergence/test_checks.py::test_a_mistyped_word_is_refused_with_the_nearest"),
    ("a word of an option that the table contradicts", "the reader of a curve", "emergence/test_measured.py::test_a_word_that_the_table_contradicts_is_refused"),
    ("a step at which a run was not measured", "the check of arguments", "emergence/test_organism.py::test_a_step_at_which_no_run_was_measured_is_refused"),
    ("forecasts of several in one table of coverage", "the check of arguments", "emergence/test_tournament.py::test_coverage_is_of_one_forecaster"),
    ("an outcome that is a bound and decides nothing, scored", "the score of forecasts", "emergence/test_scoring.py::test_a_bound_counts_where_it_decides"),
    ("a reason for one number, with a result in the next sentence", "the lint of prose", "review_book/test_prose.py::test_a_number_is_typed_wherever_it_stands"),
    ("what the published branch got meanwhile, taken for the doing of another", "the comparison of two states", "review_book/test_consequences.py::test_what_the_base_got_meanwhile_is_no_doing_of_a_branch"),
    ("a rewrite of seals where the published branch is not at hand", "the comparison with what was committed", "review_book/test_kept.py::test_without_the_published_branch_all_commits_of_the_one_that_is_out_count"),
    ("days of a chart in a zone behind Greenwich", "the drawing of charts", "review_book/test_vega.py::test_a_day_is_the_same_day_in_every_zone"),
    ("a symbol of a law that nothing explains", "the page of a law", "review_book/test_laws_page.py::test_a_symbol_that_nothing_explains_is_named"),
]  # fmt: skip
"""Fault, guard, and the test that plants the one and demands the other."""


def seen_red(report: Path) -> set[str]:
    """Return the tests of a report all of whose cases passed, as file and function."""
    good: dict[str, bool] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        place = "/".join(case.get("classname").split(".")[1:])  # below tests
        name = f"{place}.py::{case.get('name').split('[')[0]}"
        failed = any(case.find(tag) is not None for tag in ("failure", "error", "skipped"))
        good[name] = good.get(name, True) and not failed
    return {name for name, fine in good.items() if fine}


def main() -> int:
    """Run every drill, or with ``new`` those that were never seen red, and write the table."""
    path = ROOT / "data" / "drills.json"
    before = {d["fault"]: d["seen_red"] for d in json.loads(path.read_text(encoding="utf-8"))} if path.is_file() else {}
    drills = [row for row in DRILLS if "new" not in sys.argv or before.get(row[0], "never") == "never"]
    if not drills:
        sys.stdout.write("every fault was seen red before\n")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        nodes = [f"tests/{node}" for _, _, node in drills]
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "2",
            "--dist",
            "loadfile",
            f"--junitxml={report}",
            *nodes,
        ]
        subprocess.run(command, cwd=ROOT, check=False)
        red = seen_red(report) if report.is_file() else set()
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    rows = [
        {"fault": fault, "guard": guard, "seen_red": today if node in red else before.get(fault, "never")}
        for fault, guard, node in DRILLS
    ]
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    missed = [fault for fault, _, node in drills if node not in red]
    for fault in missed:
        sys.stderr.write(f"not seen red: {fault}\n")
    sys.stdout.write(f"{len(drills) - len(missed)} of {len(drills)} faults seen red; written to data/drills.json\n")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
