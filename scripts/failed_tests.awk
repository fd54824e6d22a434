# Reads the log of `ctest --verbose` and prints the output of each failed test, at most 60 lines of it. From a Catch2 program it
# prints the failed cases only, because the rest is the output of those that passed.
/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
  match($0, /#[0-9]+:/)
  test = substr($0, RSTART + 1, RLENGTH - 2)
  if ($0 !~ / Passed /) failed[++count] = test
  title[test] = $0
  next
}
/^[0-9]+: / {
  test = $0
  sub(/:.*/, "", test)
  line = $0
  sub(/^[0-9]+: /, "", line)
  if (line ~ /^(Test command|Working Directory|Test timeout|Environment variables)/) next
  if (line ~ /^------------------------------/ && !(test in first)) first[test] = lines[test] + 1
  text[test, ++lines[test]] = line
}
END {
  most = 60
  for (f = 1; f <= count; f++) {
    test = failed[f]
    print "\n" title[test]
    begin = test in first ? first[test] : 1
    for (i = begin; i <= lines[test]; i++) {
      if (lines[test] - begin >= most && i == begin + most / 2) {
        i = lines[test] - most / 2 + 1
        print "  ..."
      }
      print "  " substr(text[test, i], 1, 400)
    }
  }
}
