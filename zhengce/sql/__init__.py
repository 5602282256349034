"""The rules as SQL: a checked program becomes statements, built as trees and printed for one engine or another."""
