"""The five stages, each folder named by what it yields; in alphabetical order they are the flow.

frames -> maps -> people -> pictures -> writers
"""
